// Bidirectional text: somebody's words within a sentence of the interface. They are isolated by the characters "first
// strong isolate" and "pop directional isolate" (Unicode, UAX 9), as by a <bdi>, so that their direction does not turn it.

export function isolated(words) {
  return `\u2068${words}\u2069`;
}

// `sentence` with these words in the place of `mark`.
export function filled(sentence, words, mark = "%s") {
  return sentence.replace(mark, () => isolated(words));
}
