/** Reads the `data` of server-sent events from bytes in any chunking (https://html.spec.whatwg.org/#server-sent-events). */
export interface EventReader {
  /** The data of every event that these bytes complete. */
  push(bytes: Uint8Array): string[];
}

/** Comments, names and ids are passed over: the providers' data says its own type. */
export function createEventReader(): EventReader {
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  return {
    push(bytes) {
      rest += decoder.decode(bytes, { stream: true });
      const events: string[] = [];
      // A carriage return at the very end may be the first half of a line end: wait for what follows.
      for (let match = /\r\n|\n|\r(?!$)/.exec(rest); match !== null; match = /\r\n|\n|\r(?!$)/.exec(rest)) {
        const line = rest.slice(0, match.index);
        rest = rest.slice(match.index + match[0].length);
        if (line === '') {
          if (data.length > 0) events.push(data.join('\n'));
          data = [];
        } else if (line.startsWith('data:')) {
          data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
        }
      }
      return events;
    },
  };
}
