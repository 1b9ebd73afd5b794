/** Collection options with which int64 is read as bigint and binary data as Buffer; JavaScript writes them so anyway. */
export const PLAIN_TYPES = { useBigInt64: true, promoteBuffers: true } as const;
