/** Constructs what Headlight is made of, wires it together and registers it; nothing is decided here. */
import * as vscode from 'vscode';
import { Caret } from './caret';
import { onDeviceChange } from './device';
import { Editors } from './editors';
import { Export, type ExportArguments } from './export';
import { Follow } from './follow';
import { Highlight } from './highlight';
import { Hover } from './hover';
import { isImage } from './image';
import { attempt, createLog, guarded } from './log';
import { Menu } from './menu';
import { bundledModels } from './models/bundled';
import { readsImages } from './models/layout';
import { Library } from './models/library';
import { ManageModels } from './models/manage';
import type { Model } from './models/model';
import { hubCache } from './models/node/cache';
import { type Opened, OpenModel } from './models/open';
import { Remote } from './models/remote';
import { Panel, viewType } from './panel';
import { dispatch, type Handlers, type Kept, type ToHost } from './protocol';
import { report } from './report';
import { openPair, openText } from './samples';
import { Show } from './show';
import { isOn, onTurn, turn } from './switches';

export function activate(context: vscode.ExtensionContext): void {
  const { extension, extensionUri, subscriptions } = context;
  const { globalState, globalStorageUri, secrets, workspaceState } = context;
  const { version } = extension.packageJSON as { version: string };
  const log = createLog();
  const editors = new Editors();
  const highlight = new Highlight();
  const panel = new Panel(extensionUri, log);
  const library = new Library(bundledModels(extensionUri, version), globalState, workspaceState, log);
  const kept = vscode.Uri.joinPath(globalStorageUri, 'hub');
  const remote = new Remote(hubCache(kept.fsPath), secrets);
  const opening = new OpenModel(library, remote);
  const show = new Show(panel, library, editors, log);
  const exporting = new Export(panel, () => show.uri, version, log);
  const caret = new Caret((id, offset) => panel.post({ type: 'point', id, offset }));

  const hover = new Hover(
    panel,
    () => (panel.visible ? show.standing : null),
    (offset) => caret.yield(offset),
  );
  const follow = new Follow(show, editors, () => panel.visible);
  const menu = new Menu(() => panel.exists);

  const fromPage: Handlers<ToHost> = guarded(log, {
    ready: () => panel.pageReady(),
    reveal: ({ id, reveal }) => highlight.show(id, reveal),
    again: () => show.again(),
    standing: ({ id, model }) => {
      panel.pictured();
      show.stand(id);
      return library.stand(model);
    },
    follow: ({ on }) => turn('follow', on),
    begin: () => show.run(),
    image: () => show.image(),
    answer: (answer) => panel.answered(answer),
    choose: async ({ model }) => {
      if (model === null) await openModel();
      else await use({ model: await library.choose(model), sentence: null });
    },
    log: ({ level, line }) => log[level](line),
  });

  /** A model that reads images takes the one that is looked at. */
  const seeImage = async ({ files }: Model): Promise<boolean> => {
    const image = readsImages(files) ? editors.image() : null;
    if (image) await show.image(image);
    return image !== null;
  };
  const use = async ({ model, sentence }: Opened) => {
    panel.chooseModel(model);
    if (typeof sentence === 'string') await openText(sentence);
    else if (sentence) await openPair(sentence);
    if (sentence) await show.run();
    else if (!(await seeImage(model)) && show.isEmpty) await show.run();
  };
  const openModel = async (chosen?: vscode.Uri) => {
    const opened = await opening.run(chosen);
    if (opened) await use(opened);
  };
  const managing = new ManageModels(library, remote, openModel, log);
  const listModels = () => panel.listModels(library.choices, library.next);

  const clear = () => {
    highlight.clear();
    caret.clear();
    panel.post({ type: 'free' });
  };

  const command = <A extends unknown[]>(name: string, run: (...given: A) => unknown) =>
    vscode.commands.registerCommand(`headlight.${name}`, (...given: A) =>
      attempt(log, `command ${name}`, () => run(...given)),
    );

  subscriptions.push(
    ...[log, editors, highlight, library, show, caret, panel, follow, menu],
    vscode.languages.registerHoverProvider('*', hover),
    library.onDidChange(listModels),
    panel.onMessage((message) => dispatch(fromPage, message)),
    panel.onVisible((visible) => {
      highlight.setVisible(visible);
      panel.post({ type: 'visible', visible });
      follow.moved();
    }),
    panel.onClose(() => show.close()),
    show.onDidChange(() => {
      highlight.follow(show.standing);
      caret.follow(show.followed);
    }),
    onTurn('follow', (on) => panel.setFollows(on)),
    onDeviceChange((device) => panel.chooseDevice(device)),
    command('show', (chosen?: unknown) =>
      chosen instanceof vscode.Uri && isImage(chosen) ? show.image(chosen) : show.run(),
    ),
    command('openModel', openModel),
    command('manageModels', () => managing.run()),
    command('toggleMask', () => panel.post({ type: 'toggleMask' })),
    command('focusPanel', () => panel.focus()),
    command('focusEditor', () => show.focusEditor()),
    command('clear', clear),
    command('export', (given?: ExportArguments) => exporting.attention({ ...given })),
    command('exportFigure', (given?: ExportArguments) => exporting.figure({ ...given })),
    command('copyRow', (given?: ExportArguments) => exporting.copyRow({ ...given })),
    command('goTo', (id: unknown, offset: unknown) => show.goTo(id, offset)),
    command('toggleFollow', () => turn('follow')),
    command('toggleHover', () => turn('hover')),
    command('menu', () => menu.choose()),
    command('report', () => report(panel, version)),
    command('showLog', () => log.show()),
    vscode.window.registerWebviewPanelSerializer(viewType, {
      async deserializeWebviewPanel(restored, kept: Kept | undefined) {
        if (panel.restore(restored)) await show.restore(kept);
      },
    }),
  );
  panel.setFollows(isOn('follow'));
  listModels();
}
