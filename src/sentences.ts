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
  samples: 'No editor is open: choose a sample to read',
};

/** A request that cannot be met, with the sentence that says so. Its cause, if any, belongs in the log. */
export class Refusal extends Error {}
