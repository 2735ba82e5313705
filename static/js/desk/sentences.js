// Sentences of ours with somebody's words in them. Whatever direction those run in, they do not turn the sentence: they
// stand between "first strong isolate" and "pop directional isolate" (Unicode, UAX 9), as a <bdi> would have them.

export function isolated(words) {
  return `\u2068${words}\u2069`;
}

// `sentence` with these words in the place of `mark`.
export function filled(sentence, words, mark = "%s") {
  return sentence.replace(mark, () => isolated(words));
}
