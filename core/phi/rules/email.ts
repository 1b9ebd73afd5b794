import type { Rule } from '../rule.ts';

const LOCAL = "A-Za-z0-9À-ɏ._%+'-";
const DOMAIN = 'A-Za-z0-9À-ɏ-';

export const EMAIL_RULES: readonly Rule[] = [
  {
    entity: 'EMAIL_ADDRESS',
    name: 'email.address',
    score: 0.95,
    // RFC 5321, 4.5.3.1: 64 octets before the @; of something longer, the last 64 are masked.
    anywhere: true,
    value: `[${LOCAL}]{1,64}@(?:[${DOMAIN}]{1,63}\\.){1,4}[A-Za-z]{2,24}`,
    gate: `[${LOCAL}]+@(?:[${DOMAIN}]+\\.)+[A-Za-z]{2,24}`,
  },
];
