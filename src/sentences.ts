/** Everything the host says to a person: one sentence each, saying what to do next. */
export const sentences = {
  empty: 'There is nothing to show: the document is empty.',
  blank: 'There is nothing to show: this text is only white space.',
  blankSelection: 'There is nothing to show: the selection is only white space.',
  notText:
    'This tab cannot be read as text: it is binary, an image, or too large. Open a text file and try again.',
  gone: 'The text that was shown can no longer be opened: choose another and run Show Attention.',
  noModel: "Headlight's own model cannot be read: reinstall the extension.",
  failed: 'This text could not be shown: the output channel "Headlight" says why.',
  noPanel: 'The panel was closed or made anew before it was done: nothing was written.',
  noAnswer: 'The panel gives no answer: close it, run Show Attention and try again.',
  nothingToExport: 'There is nothing to export yet: run Show Attention first.',
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
  samples: 'No editor is open: choose a sample to read',
};

/** A request that cannot be met, with the sentence that says so. Its cause, if any, belongs in the log. */
export class Refusal extends Error {}
