import { createMasterKey, keyOfMac, keyOfSealed, type MasterKey, type NamedKey } from './key.ts';

/** Encrypts, or authenticates, what lies in the database. */
export interface Seal {
  /**
   * Encrypts and authenticates, with the master key in force. `context` names what and whose it is, such as `upstreams/openai
   * credential`; the result opens only under the same context, so that a sealed value cannot be moved to another document.
   */
  seal(plain: Uint8Array, context: string): Uint8Array;
  /**
   * Throws SealError when the value was changed, belongs to another context, or was sealed with no key of this deployment.
   * @throws MasterKeyError when its key is not here
   */
  open(sealed: Uint8Array, context: string): Uint8Array;
  /** HMAC-SHA-256 with the master key in force, for what may be read by all but written only with it. */
  mac(bytes: Uint8Array): Uint8Array;
  /** Whether this is the MAC of these bytes, with any key that is not retired. @throws MasterKeyError when its key is not here */
  isMac(mac: Uint8Array, bytes: Uint8Array): boolean;
  /** Whether the master key in force made this MAC, as far as it says. */
  isMacCurrent(mac: Uint8Array): boolean;
  /** Whether the master key in force sealed this value, as far as it says. */
  isSealCurrent(sealed: Uint8Array): boolean;
  /** The first and the last MAC that the key in force can make (key.ts). */
  currentMacs(): readonly [Uint8Array, Uint8Array];
}

/** The master keys of a deployment, as a seal needs them. */
export interface SealKeys {
  /** The one in force. @throws MasterKeyError when it is not here */
  current(): MasterKey;
  /** One that may open and verify; undefined where this deployment has none of this name, or retired it. @throws MasterKeyError when it is not here */
  find(named: NamedKey): MasterKey | undefined;
  /** The id of the first key, which is what names none is of; undefined where this deployment has none any more. */
  firstId(): string | undefined;
}

/** A sealed value that does not open. Says nothing about why: the reasons cannot be told apart. */
export class SealError extends Error {
  override readonly name = 'SealError';

  constructor() {
    super('the sealed value was changed, belongs elsewhere, or was sealed with another master key');
  }
}

/** A master key that is in use is not here, or it is not known which one is: nothing is sealed, and nothing judged, until it is. */
export class MasterKeyError extends Error {
  override readonly name = 'MasterKeyError';
}

/** A seal of one master key, which is in force for good: that of a deployment which never rotated. */
export function createSeal(masterKey: Uint8Array): Seal {
  const key = createMasterKey(masterKey, true);
  const find = (named: NamedKey): MasterKey | undefined => (named === 'first' ? key : undefined);
  return sealWith({ current: () => key, find, firstId: () => key.id });
}

/** A seal of some master keys, which may change. */
export function sealWith({ current, find, firstId }: SealKeys): Seal {
  const isCurrent = (named: NamedKey | undefined): boolean =>
    named !== undefined && (named === 'first' ? firstId() : named.id) === current().id;
  return {
    seal: (plain, context) => current().seal(plain, context),
    open(sealed, context) {
      const named = keyOfSealed(sealed);
      const plain = named && find(named)?.open(sealed, context);
      if (plain === undefined) throw new SealError();
      return plain;
    },
    mac: (bytes) => current().mac(bytes),
    isMac(mac, bytes) {
      const named = keyOfMac(mac);
      return (named && find(named)?.isMac(mac, bytes)) ?? false;
    },
    isMacCurrent: (mac) => isCurrent(keyOfMac(mac)),
    isSealCurrent: (sealed) => isCurrent(keyOfSealed(sealed)),
    currentMacs: () => current().macs,
  };
}
