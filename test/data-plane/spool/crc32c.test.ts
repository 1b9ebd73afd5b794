import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c } from '../../../data-plane/spool/crc32c.ts';

/** A command of iSCSI: RFC 3720, appendix B.4. */
const READ_COMMAND =
  '01c00000000000000000000000000000140000000000040000000014000000182800000000000000' + '0200000000000000';

/** RFC 3720, appendix B.4, which prints them with the least byte first; the last one is the customary check value. */
test.each([
  ['32 bytes of zeros', Buffer.alloc(32), 0x8a9136aa],
  ['32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['32 incrementing bytes', Buffer.from(Array.from({ length: 32 }, (_, at) => at)), 0x46dd794e],
  ['32 decrementing bytes', Buffer.from(Array.from({ length: 32 }, (_, at) => 31 - at)), 0x113fdb5c],
  ['an iSCSI read command', Buffer.from(READ_COMMAND, 'hex'), 0xd9963a56],
  ['nothing', Buffer.alloc(0), 0],
  ['123456789', Buffer.from('123456789'), 0xe3069283],
])('the published value of %s', (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

test('it is what one bit after the other gives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      let crc = 0xffffffff;
      for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
      }
      expect(crc32c(bytes)).toBe(~crc >>> 0);
    }),
  );
});
