/** What became of one event: the caller writes `before`, then the event unless it is dropped. */
export interface MaskedEvent {
  /** Events that must go out first: text that was held back and is now whole. */
  readonly before: readonly object[];
  /** The event itself, masked; undefined when all its text is held back. */
  readonly value: unknown;
  /** Nothing in it differs from what came. */
  readonly untouched: boolean;
  /** The strings that were looked at, keys included. */
  readonly strings: number;
  /** It is the last event of its kind of stream. */
  readonly terminal: boolean;
}

/** The two streaming protocols, event by event. */
export interface EventMasker {
  /** Masks one event, in place. */
  event(value: unknown): MaskedEvent;
  /** The stream ended properly: what is still held back. */
  finish(): readonly object[];
}
