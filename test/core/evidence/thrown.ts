import { EvidenceError, type EvidenceErrorCode } from '#core/evidence/error.ts';

/** The code of the error of evidence that this throws; undefined when it throws none. Any other error is passed on. */
export function thrown(act: () => unknown): EvidenceErrorCode | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

/** The same of what is awaited. */
export async function rejected(act: () => Promise<unknown>): Promise<EvidenceErrorCode | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): EvidenceErrorCode {
  if (error instanceof EvidenceError) return error.code;
  throw error;
}
