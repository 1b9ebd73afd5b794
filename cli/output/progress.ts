const ESCAPE_LINE = '\r\u001b[K';
/** How often the line is drawn anew. */
const DRAW_MS = 200;
const BAR_WIDTH = 24;

/** A bar on stderr while something long runs; nothing where stderr is no terminal. */
export interface Progress {
  /** How far it is: so many of `total`. */
  at(done: number): void;
  /** Takes the bar away. */
  end(): void;
}

/**
 * Makes a bar.
 * @param what is done: `verifying records`
 */
export function createProgress(
  what: string,
  total: number,
  stderr: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr,
): Progress {
  let drawnMs = Number.NEGATIVE_INFINITY;
  let isDrawn = false;
  return {
    at(done) {
      const nowMs = performance.now();
      if (!stderr.isTTY || nowMs - drawnMs < DRAW_MS) return;
      drawnMs = nowMs;
      isDrawn = true;
      const part = total === 0 ? 1 : Math.min(1, done / total);
      const filled = Math.round(part * BAR_WIDTH);
      const bar = `${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}`;
      stderr.write(`${ESCAPE_LINE}${what} [${bar}] ${Math.floor(part * 100)}%`);
    },
    end() {
      if (isDrawn) stderr.write(ESCAPE_LINE);
      isDrawn = false;
    },
  };
}
