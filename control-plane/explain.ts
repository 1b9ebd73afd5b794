import { StoreError } from './storage/error.ts';
import { AlteredError } from './storage/sealing/altered.ts';

/** https://www.mongodb.com/docs/manual/reference/error-codes/ */
const UNAUTHORIZED = 13;
const AUTHENTICATION_FAILED = 18;

/**
 * Why a start failed, and what to do, as far as that is known. The driver's messages may quote the connection string: they are
 * not shown.
 */
export function explain(error: unknown): string | undefined {
  if (error instanceof StoreError || error instanceof AlteredError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === AUTHENTICATION_FAILED) return 'MongoDB refuses the user or password of mongodbUri';
  if (code === UNAUTHORIZED) {
    return 'MongoDB does not let the user of mongodbUri do this: it needs readWrite and dbAdmin on the database (mongodbDatabase)';
  }
  if (error instanceof Error && error.name.startsWith('Mongo')) {
    return `MongoDB refuses: ${error.name} (${code ?? 'no code'})`;
  }
  return undefined;
}
