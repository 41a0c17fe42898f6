// Brings the attention of an ONNX transformer out, without preparing the file. In two steps, each pure:
//
//   const model = readModel(bytes);                   // { cached: true } for the branch that goes on from a cache
//   const plan = planModel(model);                    // sites, probes, inputs, what stays closed and why: JSON
//   const probe = probeGraph(model, plan);            // if it has probes: run once, fed with probeFeeds(plan)
//   const masks = findMasks(model, plan, outputs);    // which tensors are causal masks: JSON
//   const { bytes, external, ... } = rewrite(model, plan, masks, request);
//   const halves = halvesOf(model, plan);             // of an encoder-decoder in one file: two models, each to be planned
//   const cut = cutSite(model, plan, masks, site, fed); // one attention alone, fed what a run fed it
//   const sides = sidesGraph(model, plan);            // masks and biases alone; what it gives is `request.past`
//
// `rewrite` can be called again with another request: nothing is read again. Sites are found by structure and causal
// masks by value, so nothing here knows an architecture.
export { MASKED } from './causal';
export { cutSite, type CutSite } from './cut';
export { OnnxError } from './error';
export { halfBits } from './half';
export { halvesOf } from './halves';
export type { What } from './expose';
export { probeFeeds, type Tensor } from './feeds';
export { leastModel } from './least';
export { findMasks, type Masks, type Patch } from './masks';
export type { Model } from './model';
export type { RewrittenModel } from './emit';
export { type PastTensor, sidesGraph } from './past';
export { cutOf } from './patches';
export { planFrom } from './stacks';
export { fixedLength, planModel, type Input, type Plan, type Site, type SiteKind } from './plan';
export { probeGraph, probeName } from './probe';
export { readModel, type ReadOptions } from './read';
export { type ExposedTensor, rewrite, type Request, type Rewrite } from './rewrite';
export { findFrequencies, frequencies, type Frequencies } from './rotary';
export { vocabularySize } from './vocabulary';
