/*
 * What lies where in the memory of the token loop: addresses and sizes in bytes. `../loop.ts` reads here what it has to know.
 */

/** UTF-16 units that may be here at once. */
export const MOST_UNITS: i32 = 0x10000;
/** So many kinds of classes are told apart by what values may begin behind them. */
export const MOST_KINDS: i32 = 16;
/** By class, a byte: its sort, and whether it ends a match. */
export const SORTS: i32 = 0x1000;
export const BOUNDS: i32 = 0x1100;
/**
 * What `read` has come to, numbers of 32 bits: where the token begins and ends, the labels before and behind it, its slot and its
 * key; then of the values without a label that begin with it, and of those behind one, what becomes of them, as `Outcome` has it.
 */
export const CAME: i32 = 0x1200;
export const CAME_FORMS: i32 = CAME + 24;
export const CAME_LABELLED: i32 = CAME + 36;
/** By class, 32 bits: what FACTS has of its units. */
export const CLASS_FACTS: i32 = 0x1800;
/** By unit of ASCII, a byte: its class, a bit for its kind, and a bit for each kind behind which a value may begin with it. */
export const ASCII_CLASSES: i32 = 0x2000;
export const ASCII_KINDS: i32 = 0x2080;
export const ASCII_BEGINS: i32 = 0x2100;
/** By UTF-16 unit, 32 bits: its class, its kind, and a bit for each kind behind which a value may begin with it. */
export const FACTS: i32 = 0x10000;
export const KIND_SHIFT: i32 = 8;
export const BEGINS_SHIFT: i32 = 16;
/** The text: as it comes, in UTF-16, and then a byte a unit, its class. */
export const UNITS: i32 = FACTS + 4 * 0x10000;
export const TEXT: i32 = UNITS + 2 * MOST_UNITS + 64;
/** A bit for each place: whether a value may begin there. */
export const PLACES: i32 = TEXT + MOST_UNITS + 64;
/** The tokens that are remembered. */
export const SLOTS: i32 = 0x90000;
export const MOST_SLOTS: i32 = 0x10000;
export const SLOT_BYTES: i32 = 32;
/**
 * In a slot, behind the classes of 16 characters: those of four more, or where there are none flags; its key; and what `memo.ts`
 * says of its outcome.
 */
export const TAIL: i32 = 16;
export const KEY: i32 = 20;
export const STATES: i32 = 24;
export const NEXT: i32 = 28;
/** The tables of three automata, each with its wide states first. */
export const TABLES: i32 = 0x300000;
export const NARROW_TABLE: i32 = 0x400000;
export const TABLE_BYTES: i32 = NARROW_TABLE + 0x40000;
export const BEFORE: i32 = TABLES;
export const FORMS: i32 = TABLES + TABLE_BYTES;
export const LABELLED: i32 = TABLES + 2 * TABLE_BYTES;
/** By a number of characters, three numbers of 64 bits with all bits of these. */
export const MASKS: i32 = 0x1400;
export const MASK_BYTES: i32 = 24;
