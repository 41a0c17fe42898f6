/** Everything the host says to a person: one sentence each, saying what to do next. */
export const sentences = {
  empty: 'There is nothing to show: the document is empty.',
  blank: 'There is nothing to show: this text is only white space.',
  blankSelection: 'There is nothing to show: the selection is only white space.',
  notText: 'This tab cannot be read: it is binary, or too large. Open a text or an image and try again.',
  gone: 'The text that was shown can no longer be opened: choose another and run Show Attention.',
  chooseImage: 'Choose an image',
  noImage: (name: string) =>
    `"${name}" is no image that is read here: it may be PNG, JPEG, WebP, GIF or BMP.`,
  drawing:
    'An SVG is a drawing, which has no pixels of its own: save it as a PNG in the size that is to be seen.',
  imageGone: (name: string) =>
    `The image "${name}" can no longer be read: choose another and run Show Attention.`,
  imageTooLarge: (name: string, bytes: number) =>
    `The image "${name}" has ${Math.round(bytes / 1e6)} MB, and up to 64 MB are read: save it smaller.`,
  failed: 'This text could not be shown: the output channel "Headlight" says why.',
  noPanel: 'The panel was closed or made anew before it was done: nothing was written.',
  noAnswer: 'The panel gives no answer: close it, run Show Attention and try again.',
  exportFailed: 'The export failed, and nothing was written: the output channel "Headlight" says why.',
  exportCancelled: 'The export was cancelled; nothing was written.',
  diskFull: (name: string) =>
    `The disk is full, so ${name} was not written: make room or choose another place.`,
  noPermission: (name: string) => `${name} may not be written there: choose another place.`,
  notWritten: (name: string, why: string) => `${name} could not be written: ${why}.`,
  tooLargeThere: (size: string, most: string) =>
    `That place can only be written to in one go, up to ${most}, and this is ${size}: choose a folder on a disk.`,
  notKept: 'The setting could not be changed: the output channel "Headlight" says why.',
  reported: 'The report is on the clipboard: versions, device and sizes, and no text.',
  noGraph: (where: string) =>
    `There is no ONNX model in "${where}": choose a .onnx file, or a folder that holds one or has it in "onnx".`,
  noTokenizer: (folder: string) =>
    `The folder "${folder}" has no tokenizer.json to read text with, and no preprocessor_config.json to read images with: put the model's own beside it.`,
  noFolder: (folder: string) => `The folder "${folder}" cannot be read.`,
  tooManyFiles: (folder: string) =>
    `The folder "${folder}" holds too many files for one model: put the model into a folder of its own.`,
  linkLeaves: (path: string) =>
    `"${path}" is a link that leaves the model's folder, and nothing outside the folder is read.`,
  partTooLarge: (path: string) => `"${path}" is too large to be what its name says, so it was not read.`,
  lastModelGone: (name: string) => `The model ${name} can no longer be opened, so Headlight's own is used.`,
  ways: {
    ask: 'Where is the model?',
    folder: 'A folder...',
    folderDetail: 'As Hugging Face lays it out: config.json, tokenizer.json, onnx/model.onnx',
    file: 'A .onnx file...',
    fileDetail:
      'With its tokenizer.json (for images preprocessor_config.json) beside it, or one or two folders further out',
    hub: 'A model of the hub, by its name...',
    hubDetail: 'Such as Xenova/gpt2; sizes are listed before anything is downloaded',
    curated: 'from the hub, for a first look',
    tried: 'tried',
    notTried: (kind: string) => `not tried; a tiny ${kind} was`,
  },
  hub: {
    askForId: 'A model of the hub: owner/name, and @revision if it is not the main branch',
    noId: 'This is no name of a model: it is owner/name, as in Xenova/gpt2, and may end with @revision.',
    chooseRevision: 'Which of its branches or tags?',
    chooseVariant: 'Which of its models shall be downloaded? Nothing is until you choose',
    noModel: (id: string) =>
      `${id} holds no ONNX model: look for one whose page has a folder "onnx", such as those of Xenova or onnx-community.`,
    offline: (id: string) => `${id}, as it was downloaded before: the hub cannot be reached`,
    listing: (id: string) => `Headlight: looking at what ${id} has`,
    downloading: (id: string) => `Headlight: downloading ${id}`,
    nowhere: 'Models cannot be downloaded here, since there is no disk to keep them on: open a folder.',
    tokenTitle: (host: string) => `Access token for ${host}`,
    tokenFor: (id: string) =>
      `${id} does not exist, or its owners let in only whom they know: a token of an account that has access opens it.`,
    tokenPrompt: 'Kept in the secret storage of VS Code and sent to this host alone; empty, it is forgotten.',
    tokenOdd: 'A token is letters and digits, without spaces.',
    endpoint: (setting: string) =>
      `The setting "${setting}" is not the address of a hub: it begins with https:// (or, on this machine, http://localhost).`,
    problems: {
      unauthorized: (id: string, host: string) =>
        `${host} lets nobody see ${id} without a token that has access: check the name, and ask for access on its page.`,
      gated: (id: string, host: string) =>
        `${id} is gated: ask its owners for access on its page at ${host}, and give Headlight a token of that account.`,
      'not found': (id: string, host: string) =>
        `${host} has no ${id}, or not this revision of it: check the name.`,
      busy: (_: string, host: string) =>
        `${host} has had too many requests from here: wait a while and try again; what has come is kept.`,
      server: (_: string, host: string) =>
        `${host} has a fault of its own: try again later; what has come is kept.`,
      network: (_: string, host: string) =>
        `${host} cannot be reached: check the network and VS Code's proxy settings; what has come is kept.`,
      damaged: (id: string) =>
        `What came of ${id} is not what the hub says it is, so it was thrown away: try again, or another mirror.`,
      'not a hub': (_: string, host: string) =>
        `${host} does not answer as a hub does: check the setting "headlight.hub.endpoint".`,
      'disk full': (id: string) =>
        `There is not enough room on the disk for ${id}: make room, or delete a model with "Manage Models".`,
      disk: (id: string) =>
        `${id} could not be written to the disk: the output channel "Headlight" says why.`,
      cancelled: (id: string) =>
        `Nothing more is asked of the hub for ${id}; what has come is kept, and gone on with next time.`,
    },
  },
  manage: {
    ask: 'Models that were opened or downloaded; the bin takes one away',
    open: 'Open Model...',
    token: 'Access token...',
    remove: 'Delete from the disk',
    forget: 'Take off the list; its files stay',
    notDeleted: (id: string) =>
      `${id} could not be deleted from the disk, so it stays in the list: the output channel "Headlight" says why.`,
    none: 'None yet: the one that ships is always there',
    sure: (id: string, size: string) =>
      `Delete ${id} from the disk? It takes ${size}, and can be downloaded again.`,
  },
  chooseVariant: 'Which of its models? They differ in precision, and so in size',
  samples: 'No editor is open: choose a sample to read',
};

/** A request that cannot be met, with the sentence that says so. Its cause, if any, belongs in the log. */
export class Refusal extends Error {}
