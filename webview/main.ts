/** Composition root of the page: wires host, runner, state and views. Nothing else knows them all. */
import './page.css';
import './view/inside/inside.css';
import type { ModelChoice, ToPage } from '../src/protocol';
import { dispatch } from '../src/protocol';
import { actionsOn } from './actions';
import { answer, type Answers } from './answer';
import { cardOf } from './card';
import * as Changes from './changes';
import { restoreView } from './choices';
import { Demand } from './demand';
import { factsOf } from './facts';
import { kept, send } from './host';
import { Inquiry } from './inquiry';
import { listenToKeys } from './keys';
import * as Pointing from './pointing';
import { frames } from './render/frame';
import { Report } from './report';
import { Runner } from './runner';
import { sceneOf } from './scene';
import type { State } from './state';
import * as States from './state';
import { Store } from './store';
import { Takeaway } from './takeaway';
import { Page } from './view/page';
import { restoreWishes } from './wanted';

let models: readonly ModelChoice[] = [];
/** The model that runs next, as the host says; shown where there is no request yet. */
let next = '';

const store = new Store(
  { ...States.initial, view: restoreView(kept()?.view), ...restoreWishes(kept()?.wishes) },
  follow,
);

const runner = new Runner(document.body.dataset.base!, {
  progress: (stage) => store.change(Changes.progress(stage)),
  lookOf: (picture) => States.lookOf(store.state.view, sceneOf(store.state, picture)),
  pictured: (picture, seen) => {
    demand.met();
    // Before its first row: the host paints rows of what stands.
    report.stand(picture);
    store.change(Changes.show(picture, seen));
  },
  failed: (sentence, detail, image) => {
    send({ type: 'log', level: 'error', line: detail });
    store.change(Changes.fail(sentence, image));
    report.stand();
  },
  weighed: (picture, seen) => store.change(Changes.receive(picture.key, seen)),
  unweighed: (picture, look, sentence) => store.change(Changes.lack(picture.key, look, sentence)),
  redrawn: (picture, redraw, overview) => store.change(Changes.receiveRedrawn(picture.key, redraw, overview)),
  detailed: (picture, redraw, detail) => store.change(Changes.receiveDetail(picture.key, redraw, detail)),
  log: (level, line) => send({ type: 'log', level, line }),
});

const demand = new Demand(store, runner, () => page.grid.busy());
const report = new Report(store, demand);
const takeaway = new Takeaway(() => store.state, runner);
const inquiry = new Inquiry({
  ask: (picture, job, isWanted) => runner.ask(picture, job, isWanted),
  apart: (picture, tokens, job) => runner.apart(picture, tokens, job),
  change: (by) => store.change(Changes.inform(by)),
});

const draw = frames(() => {
  const chosen = demand.request?.model ?? models.find(({ id }) => id === next) ?? null;
  page.update(store.state, models, chosen);
});
const page = new Page(actionsOn(store, demand, inquiry, report, draw), draw);
listenToKeys(page, store, demand);

/** What follows from a change of the state, outside of it. */
function follow({ view, second, target }: State): void {
  demand.fetch();
  report.reveal();
  const { state } = store;
  takeaway.notice(state);
  if (demand.seen) inquiry.follow(state);
  if (state.view !== view || state.second !== second || state.target !== target) report.remember();
  draw();
}

// What the host asks and says.

const answers: Answers = {
  ...takeaway.answers,
  card: ({ id, offset }) => {
    store.change(Pointing.pointCaret(id, offset));
    return cardOf(store.state, id);
  },
  facts: () => factsOf(store.state),
};

window.addEventListener('message', ({ data }) =>
  dispatch<ToPage>(
    {
      show: ({ subject, model, device }) => {
        // What is selected is newer than what was typed, but for what a reload brings back.
        const isBack = !demand.request && JSON.stringify(subject.origin) === JSON.stringify(kept()?.origin);
        if (subject.second && !isBack) store.change(Changes.wantSecond({ kind: 'selected' }));
        demand.show({ subject, model, device });
        report.remember();
      },
      point: ({ id, offset }) => store.change(Pointing.pointCaret(id, offset)),
      stale: ({ id, why }) => store.change(Changes.goStale(id, why)),
      moved: ({ id, origin }) => {
        if (demand.moved(id, origin)) report.remember();
      },
      free: () => store.change(Pointing.free),
      visible: ({ visible }) => {
        demand.see(visible);
        if (visible) inquiry.follow(store.state);
      },
      model: ({ model }) => demand.turnTo({ model }),
      models: (message) => {
        ({ models, next } = message);
        draw();
      },
      device: ({ device }) => demand.turnTo({ device }),
      toggleMask: () => demand.toggleMask(),
      follows: ({ on }) => store.change(Changes.follow(on)),
      focus: () => page.focus(store.state.scene !== null),
      ask: (ask) => void answer(ask, answers),
      abandon: ({ file }) => takeaway.abandon(file),
    },
    data,
  ),
);

draw();
send({ type: 'ready' });
