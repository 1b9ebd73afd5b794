/**
 * What a plane signs to show that it has the private part of the key that it enrols: UTF-8 bytes of its own kind, so that
 * the signature stands for nothing else. A token that is chosen to look like a signed head would otherwise get one.
 */
export function possessionBytes(joinToken: string): Uint8Array {
  return new TextEncoder().encode(`sworn.enroll/v1\n${joinToken}\n`);
}
