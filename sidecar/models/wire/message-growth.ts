/**
 * The text of an answer that comes as a `message` in each frame. Some servers send only what is new (`Salt `, then `keeps`), others
 * send the whole text each time (`Salt `, then `Salt keeps`). A frame that repeats the whole text adds nothing.
 */
export interface MessageGrowth {
  /** Returns what this message adds to the text. */
  take(message: string): string;
}

export function createMessageGrowth(): MessageGrowth {
  /** The text so far, as the server has it. */
  let text = '';
  /** A message has contained the text of the messages before it. */
  let isWhole = false;

  function addedBy(message: string): string {
    if (message.startsWith(text)) {
      isWhole ||= text !== '' && message.length > text.length;
      return message.slice(text.length);
    }
    // A server may change the end of its text, for example white space, or half of a character.
    return isWhole ? message.slice(commonLength(text, message)) : message;
  }

  return {
    take(message) {
      if (message === '') return '';
      const added = addedBy(message);
      text = isWhole ? message : text + added;
      return added;
    },
  };
}

function commonLength(first: string, second: string): number {
  let at = 0;
  while (at < first.length && first[at] === second[at]) at += 1;
  return at;
}
