// Brings the attention of an ONNX transformer out, without preparing the file. In two steps, each pure:
//
//   const model = readModel(bytes);
//   const plan = planModel(model);                    // sites, probes, inputs: JSON
//   const probe = probeGraph(model, plan);            // run once, fed with probeFeeds(plan)
//   const masks = findMasks(model, plan, outputs);    // which tensors are causal masks: JSON
//   const { bytes, external } = rewrite(model, plan, masks);
//
// Sites are found by structure and causal masks by value, so nothing here knows an architecture.
export { OnnxError } from './error';
export { probeFeeds, type Tensor } from './feeds';
export { findMasks, type Masks, type Patch } from './masks';
export type { Model } from './model';
export type { RewrittenModel } from './emit';
export { planModel, type Input, type Plan, type Site } from './plan';
export { probeGraph, probeName } from './probe';
export { readModel } from './read';
export { type AttentionOutput, rewrite, type Rewrite } from './rewrite';
