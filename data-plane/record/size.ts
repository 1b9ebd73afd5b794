/** Bytes that a record has room for of a body or an answer: its payload has at most 64 MiB, with what stands beside. */
export const MAX_CONTENT_BYTES = 60 * 1024 * 1024;
/** Of a frame in a record, beside its bytes, where each is sealed by itself: nonce, tag, lengths, time. */
export const FRAME_BYTES = 64;
