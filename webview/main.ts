/** Composition root of the page: wires host, runner, state and views. Nothing else knows them all. */
import './page.css';
import './view/inside/inside.css';
import type { Device, ModelChoice, ModelFolder, Subject, ToPage } from '../src/protocol';
import { dispatch } from '../src/protocol';
import { Again } from './again';
import { answer, type Answers } from './answer';
import { cardOf } from './card';
import { lookName } from './core/look';
import type { Part } from './core/part';
import type { Viewport } from './core/viewport';
import { factsOf } from './facts';
import { keep, kept, send } from './host';
import { frames } from './render/frame';
import { revealOf } from './reveal';
import { describe } from './failure';
import { Runner } from './runner';
import { Inquiry } from './inquiry';
import { placesOn } from './places';
import type { Side } from './sides';
import { tokensOn, toldSide } from './sides';
import type { Scene, State } from './state';
import { restoreWishes } from './wanted';
import { restoreView } from './choices';
import * as Changes from './changes';
import * as Pointing from './pointing';
import { sceneOf } from './scene';
import * as States from './state';
import { Takeaway } from './takeaway';
import type { PageActions } from './view/page';
import { Page } from './view/page';

interface Request {
  readonly subject: Subject;
  readonly model: ModelFolder;
  readonly device: Device;
}

let state: State = {
  ...States.initial,
  view: restoreView(kept()?.view),
  ...restoreWishes(kept()?.wishes),
};
/** What is asked for, and what the picture that stands was the answer to. */
let request: Request | null = null;
let standing: Request | null = null;
let models: readonly ModelChoice[] = [];
/** The model that runs next, as the host says; shown where there is no request yet. */
let next = '';
let visible = true;

const runner = new Runner(document.body.dataset.base!, {
  progress: (stage) => change(Changes.progress(stage)),
  lookOf: (picture) => States.lookOf(state.view, sceneOf(state, picture)),
  pictured: (picture, seen) => {
    standing = request;
    // Before its first row: the host paints rows of what stands.
    stand(picture);
    change(Changes.show(picture, seen));
  },
  failed: (sentence, detail, image) => {
    send({ type: 'log', level: 'error', line: detail });
    change(Changes.fail(sentence, image));
    stand();
  },
  weighed: (picture, seen) => change(Changes.receive(picture.key, seen)),
  unweighed: (picture, look, sentence) => change(Changes.lack(picture.key, look, sentence)),
  redrawn: (picture, redraw, overview) => change(Changes.receiveRedrawn(picture.key, redraw, overview)),
  detailed: (picture, redraw, detail) => change(Changes.receiveDetail(picture.key, redraw, detail)),
  log: (level, line) => send({ type: 'log', level, line }),
});

const takeaway = new Takeaway(() => state, runner);

const inquiry = new Inquiry({
  ask: (picture, job, isWanted) => runner.ask(picture, job, isWanted),
  apart: (picture, tokens, job) => runner.apart(picture, tokens, job),
  change: (by) => change(Changes.inform(by)),
});

// What follows from a state, outside the page.

/** The one way the state changes. */
function change(by: (state: State) => State): void {
  const before = state;
  state = by(state);
  if (state === before) return;
  fetchWeights();
  tellHost();
  takeaway.notice(state);
  if (visible) inquiry.follow(state);
  const { view, second, target } = before;
  if (state.view !== view || state.second !== second || state.target !== target) remember();
  draw();
}

/**
 * Asks for the picture that the request and the view together want; a hidden panel asks when it is seen again, and does not
 * take what it asked for before for the answer.
 */
function run(): void {
  if (!request) return;
  change(Changes.accept(request.subject.id, 'Starting'));
  page.grid.busy();
  const { experiment, view, target } = state;
  const second = States.wantedSecond(state, request.subject);
  const wanted = { ...request, second, mask: view.mask, experiment, kind: view.attention, target };
  if (visible) runner.want(wanted);
  else runner.wantNothing();
}

/** Asks for the numbers of the look, once for each look and picture. */
function fetchWeights(): void {
  const { scene, view } = state;
  if (!scene) return;
  const { picture } = scene;
  const look = States.lookOf(view, scene);
  const name = scene.seen ? null : `${picture.key} ${lookName(look)}`;
  if (name !== fetched) {
    fetched = name;
    // A difference is asked for as the other mask is: it takes a run, which is told of and can be cancelled.
    if (name && runner.needsRun(picture, look)) run();
    else if (name) runner.wantLook(picture, look);
  }
  fetchRedrawn(scene);
}
let fetched: string | null = null;

/** Asks for what each key hands over, where weights are drawn by it, and for the overview as it is to be drawn. */
function fetchRedrawn(scene: Scene): void {
  const { view } = state;
  const { picture } = scene;
  // Both note what is not asked for, too: whoever comes back to a picture asks again.
  if (!measuring.same(picture, view.valued) && view.valued && !scene.lengths) {
    const { mask, experiment, kind } = picture;
    runner
      .ask(picture, ({ engine, fed, targetIds, deadline }) =>
        engine.call('valueLengths', [fed, mask, experiment, kind, targetIds], { deadline }),
      )
      .then((lengths) => change(Changes.receiveLengths(picture.key, lengths)))
      .catch((error) => {
        const [sentence, line] = describe(error);
        send({ type: 'log', level: 'error', line });
        change(Changes.weighByValue(false));
        change(Changes.miss(sentence));
      });
  }
  const redraw = States.redrawOf(view, scene);
  if (redrawing.same(picture, redraw.sinkHidden, redraw.lengths)) return;
  if (States.needsRedraw(view, scene)) runner.wantRedrawn(picture, redraw);
}
const measuring = new Again();
const redrawing = new Again();

/** Asks for a part of the overview in finer cells, which the grid has need of; null where it has none. */
function fetchDetail(part: Part | null): void {
  if (!state.scene) return;
  const { picture } = state.scene;
  const redraw = States.redrawOf(state.view, state.scene);
  const { sinkHidden, lengths } = redraw;
  if (detailing.same(picture, sinkHidden, lengths, JSON.stringify(part))) return;
  runner.wantDetail(picture, redraw, part);
}
const detailing = new Again();

/** The document shows the row that the panel tells. */
function tellHost(): void {
  const { scene, view } = state;
  if (!scene) return;
  const isSame = telling.same(
    scene.seen,
    States.toldToken(scene),
    States.drawnBy(view, scene),
    view.reversed,
    States.staleness(state),
  );
  if (isSame) return;
  send({ type: 'reveal', id: scene.picture.subject.id, reveal: revealOf(state) });
}
const telling = new Again();

/** Tells the host whose picture stands: it follows that text in its document. */
function stand(picture = state.scene?.picture): void {
  if (picture) send({ type: 'standing', id: picture.subject.id, model: picture.model.id });
}

function remember(): void {
  const { view, second, target } = state;
  const origin = request?.subject.origin ?? kept()?.origin ?? null;
  // What would not come back is not kept.
  keep({ origin, view, wishes: restoreWishes({ second, target }) });
}

// What people do.

function toggleMask(): void {
  if (!state.scene || state.scene.picture.model.fixedMask !== null) return;
  change(Changes.chooseMask(States.wantedMask(state) === 'causal' ? 'bidirectional' : 'causal'));
  run();
}

/** @param wanted the side of the list that has the focus; null for the one that is told */
function moveToken(by: number, wanted: Side | null = null): void {
  const { scene, view } = state;
  if (!scene) return;
  const told = toldSide(scene.picture, view.reversed);
  const side = wanted ?? told;
  const last = tokensOn(scene.picture, side).length - 1;
  const from = (side === told ? States.toldToken(scene) : null) ?? (by > 0 ? -1 : last + 1);
  change(Pointing.point(Math.max(0, Math.min(last, from + by)), side, true));
}

/** Moves the token told by so many rows of the matrix: to the first token of each. */
function movePlace(by: number): void {
  const { scene, view } = state;
  if (!scene) return;
  const side = toldSide(scene.picture, view.reversed);
  const { of, starts } = placesOn(scene.picture, side, view.grain).groups;
  const last = starts.length - 2;
  const token = States.toldToken(scene);
  const from = token === null ? (by > 0 ? -1 : last + 1) : of[token];
  change(Pointing.point(starts[Math.max(0, Math.min(last, from + by))], side, true));
}

/** @returns whether anything moved */
function steer(by: (viewport: Viewport) => Viewport, follow = false): boolean {
  const before = state;
  change(Pointing.steer(by, follow));
  return state !== before;
}

const actions: PageActions = {
  steer,
  movePlace,
  detail: fetchDetail,
  search: (wanted) => change(Changes.searchFor(wanted)),
  goToMatch: (by) => change(Pointing.goToMatch(by)),
  goToLink: (by) => change(Pointing.goToLink(by)),
  preview: (head) => change(Changes.previewHead(head)),
  focus: (head) => change(Changes.focusHead(head)),
  point: (token: number | null, side?: Side) => change(Pointing.point(token, side)),
  pin: (token: number, side: Side) => change(Pointing.pin(token, side)),
  pinTold: () => {
    const { scene, view } = state;
    const token = scene && States.toldToken(scene);
    if (scene && token !== null) change(Pointing.pin(token, toldSide(scene.picture, view.reversed)));
  },
  moveToken,
  goToToken: (token: number, side: Side) => change(Pointing.point(token, side, true)),
  image: () => send({ type: 'image' }),
  causal: toggleMask,
  attention: (kind) => {
    change(Changes.chooseAttention(kind));
    run();
  },
  second: (wish) => {
    change(Changes.wantSecond(wish));
    run();
  },
  target: (wish) => {
    change(Changes.wantTarget(wish));
    run();
  },
  model: (id) => {
    if (id !== request?.model.id) send({ type: 'choose', model: id });
    draw();
  },
  scale: (scale) => change(Changes.chooseScale(scale)),
  reverse: (reversed) => change(Changes.reverse(reversed)),
  scope: (scope) => change(Changes.chooseScope(scope)),
  difference: (on) => change(Changes.chooseDifference(on)),
  grain: (grain) => change(Changes.chooseGrain(grain)),
  lines: (on) => change(Changes.chooseLines(on)),
  threshold: (threshold) => change(Changes.chooseThreshold(threshold)),
  hideSink: (hidden) => change(Changes.hideSink(hidden)),
  pairing: (pairing) => change(Changes.choosePairing(pairing)),
  weighByValue: (on) => change(Changes.weighByValue(on)),
  overlay: (head) => change(Changes.overlayHead(head)),
  inside: (tab) => change(Changes.openInside(tab)),
  explain: (on) => change(Changes.explain(on)),
  experiment: (wanted) => {
    change(Changes.experimentWith(wanted));
    run();
  },
  compare: (texts, tokens) => {
    if (state.scene) inquiry.compare(state.scene.picture, texts, tokens);
  },
  measure: () => {
    if (state.scene) void inquiry.measure(state.scene.picture);
  },
  stopMeasuring: () => inquiry.stop(),
  cancel: () => {
    runner.cancel();
    fetched = null;
    request = standing ?? request;
    change(Changes.settle);
    stand();
  },
  follow: (on) => send({ type: 'follow', on }),
  begin: () => send({ type: 'begin' }),
  again: () => (request && !state.stale[request.subject.id] ? run() : send({ type: 'again' })),
};

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === 'Escape') change(Pointing.free);
  else if (typing(event)) return;
  else if (event.key === '+' || event.key === '=') page.head.zoom.by(1);
  else if (event.key === '-') page.head.zoom.by(-1);
  else if (event.key === '0') page.head.zoom.reset();
  else if (event.key === 'n') change(Pointing.goToLink(1));
  else if (event.key === 'N') change(Pointing.goToLink(-1));
  else if (event.repeat) return;
  else if (event.key === '/') {
    page.search.field.focus();
    page.search.field.select();
    event.preventDefault();
  } else if (event.key === 'm') toggleMask();
  else if (event.key === 'i') change(Changes.openInside(state.view.inside ? null : 'row'));
});

/** Whether a key is text for a field. */
function typing({ target }: Event): boolean {
  return (
    target instanceof Element &&
    target.matches('textarea, input:not([type=checkbox], [type=radio], [type=range])')
  );
}

// What the host asks and says.

const answers: Answers = {
  ...takeaway.answers,
  card: ({ id, offset }) => {
    change(Pointing.pointCaret(id, offset));
    return cardOf(state, id);
  },
  facts: () => factsOf(state),
};

window.addEventListener('message', ({ data }) =>
  dispatch<ToPage>(
    {
      show: ({ subject, model, device }) => {
        // What is selected is newer than what was typed, but for what a reload brings back.
        const isBack = !request && JSON.stringify(subject.origin) === JSON.stringify(kept()?.origin);
        request = { subject, model, device };
        if (subject.second && !isBack) change(Changes.wantSecond({ kind: 'selected' }));
        remember();
        run();
      },
      point: ({ id, offset }) => change(Pointing.pointCaret(id, offset)),
      stale: ({ id, why }) => change(Changes.goStale(id, why)),
      moved: ({ id, origin }) => {
        if (request?.subject.id !== id) return;
        request = { ...request, subject: { ...request.subject, origin } };
        remember();
      },
      free: () => change(Pointing.free),
      visible: (message) => {
        ({ visible } = message);
        if (!visible) return;
        inquiry.follow(state);
        if (state.work.kind === 'busy') run();
      },
      model: ({ model }) => {
        if (!request || request.model.id === model.id) return;
        request = { ...request, model };
        run();
      },
      models: (message) => {
        ({ models, next } = message);
        draw();
      },
      device: ({ device }) => {
        if (!request || request.device === device) return;
        request = { ...request, device };
        run();
      },
      toggleMask,
      follows: ({ on }) => change(Changes.follow(on)),
      focus: () => page.focus(state.scene !== null),
      ask: (ask) => void answer(ask, answers),
      abandon: ({ file }) => takeaway.abandon(file),
    },
    data,
  ),
);

const page = new Page(actions, () => draw());
const draw = frames(() =>
  page.update(state, models, request?.model ?? models.find(({ id }) => id === next) ?? null),
);

draw();
send({ type: 'ready' });
