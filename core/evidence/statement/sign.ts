import { EvidenceError } from '../error.ts';
import { isSignature, type PublicKey, type Signer, toPublicKey } from '../signature/ed25519.ts';
import { encodeText } from '../text.ts';
import { formatStatement, parseStatement, type Statement, type StatementKind } from './statement.ts';

/** A statement and who vouches for it. */
export interface SignedStatement {
  /** As `formatStatement` writes it. */
  readonly text: string;
  /** Ed25519 over the text in UTF-8, 64 bytes. */
  readonly signature: Uint8Array;
}

/**
 * Signs a statement.
 * @throws EvidenceError malformed: one of its fields
 */
export function signStatement(kind: StatementKind, statement: Statement, signer: Signer): SignedStatement {
  const text = formatStatement(kind, statement);
  return { text, signature: signer.sign(encodeText(text)) };
}

/**
 * Verifies and reads a statement.
 * @throws EvidenceError signature_invalid, malformed (the text, or the key)
 */
export function verifyStatement(kind: StatementKind, signed: SignedStatement, key: PublicKey): Statement {
  const statement = parseStatement(kind, signed.text);
  if (!isSignature(toPublicKey(key), encodeText(signed.text), signed.signature)) {
    throw new EvidenceError('signature_invalid', `the signature of a ${kind} does not verify`);
  }
  return statement;
}
