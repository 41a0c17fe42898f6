/** What people do on the page, as changes of its state and demands on the model. */
import * as Changes from './changes';
import type { Demand } from './demand';
import { send } from './host';
import type { Inquiry } from './inquiry';
import * as Pointing from './pointing';
import type { Report } from './report';
import type { Side } from './sides';
import type { Store } from './store';
import type { PageActions } from './view/page';

/** @param draw shows again what is true, where a choice was not taken yet */
export function actionsOn(
  store: Store,
  demand: Demand,
  inquiry: Inquiry,
  report: Report,
  draw: () => void,
): PageActions {
  const change = (by: Changes.Change): void => void store.change(by);
  const want = (by: Changes.Change) => demand.want(by);
  const picture = () => store.state.scene?.picture ?? null;
  return {
    steer: (by, follow) => store.change(Pointing.steer(by, follow)),
    movePlace: (by) => change(Pointing.movePlace(by)),
    detail: (part) => demand.fetchDetail(part),
    search: (wanted) => change(Changes.searchFor(wanted)),
    goToMatch: (by) => change(Pointing.goToMatch(by)),
    goToLink: (by) => change(Pointing.goToLink(by)),
    preview: (head) => change(Changes.previewHead(head)),
    focus: (head) => change(Changes.focusHead(head)),
    point: (token, side) => change(Pointing.point(token, side)),
    pin: (token, side) => change(Pointing.pin(token, side)),
    pinTold: () => change(Pointing.pinTold),
    moveToken: (by, side?: Side) => change(Pointing.moveToken(by, side)),
    goToToken: (token, side) => change(Pointing.point(token, side, true)),
    image: () => send({ type: 'image' }),
    causal: () => demand.toggleMask(),
    attention: (kind) => want(Changes.chooseAttention(kind)),
    second: (wish) => want(Changes.wantSecond(wish)),
    target: (wish) => want(Changes.wantTarget(wish)),
    model: (id) => {
      if (id !== demand.request?.model.id) send({ type: 'choose', model: id });
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
    experiment: (wanted) => want(Changes.experimentWith(wanted)),
    compare: (texts, tokens) => {
      const shown = picture();
      if (shown) inquiry.compare(shown, texts, tokens);
    },
    measure: () => {
      const shown = picture();
      if (shown) void inquiry.measure(shown);
    },
    stopMeasuring: () => inquiry.stop(),
    cancel: () => {
      demand.cancel();
      report.stand();
    },
    follow: (on) => send({ type: 'follow', on }),
    begin: () => send({ type: 'begin' }),
    again: () => {
      if (!demand.again()) send({ type: 'again' });
    },
  };
}
