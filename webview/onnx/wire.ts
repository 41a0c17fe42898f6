// The protobuf wire format (protobuf.dev/programming-guides/encoding), as far as ONNX uses it: a message is a row of
// (field number, wire type, payload). Payloads stay where they are; what is handed out is their byte range.
import { OnnxError } from './error';
import { decodeText, encodeText } from './text';

/** The bytes [from, to) of the file. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/** Walks the fields of one message: `while (fields.next()) switch (fields.field) ...` */
export class Fields implements Range {
  /** Number of the current field. */
  field = 0;
  /** Where the current field begins, its tag included. */
  start = 0;
  /** The current field's payload. */
  from = 0;
  to = 0;
  private wire = 0;
  private at: number;
  private readonly end: number;

  constructor(
    readonly bytes: Uint8Array,
    range: Range,
    /** What this message is, for the sentence of an error. */
    private readonly what: string,
  ) {
    this.at = range.from;
    this.end = range.to;
  }

  next(): boolean {
    if (this.at >= this.end) return false;
    this.start = this.at;
    const tag = this.varint();
    this.field = Math.floor(tag / 8);
    this.wire = tag % 8;
    if (this.field < 1) throw this.damaged();
    this.from = this.at;
    if (this.wire === VARINT) this.varint();
    else if (this.wire === LENGTH) {
      const length = this.varint();
      this.from = this.at;
      if (length < 0 || length > this.end - this.at) throw this.truncated(length);
      this.at += length;
    } else if (this.wire === FIXED32) this.at += 4;
    else if (this.wire === FIXED64) this.at += 8;
    else throw this.damaged(); // groups were never used by ONNX
    if (this.at > this.end) throw this.truncated(this.at - this.from);
    this.to = this.at;
    return true;
  }

  /** The current payload as a nested message or as bytes. */
  range(): Range {
    if (this.wire !== LENGTH) throw this.damaged();
    return { from: this.from, to: this.to };
  }

  isBytes(): boolean {
    return this.wire === LENGTH;
  }

  text(): string {
    const { from, to } = this.range();
    return decodeText(this.bytes, from, to);
  }

  /** An int64 or an enum; exact up to 2^53. */
  number(): number {
    if (this.wire !== VARINT) throw this.damaged();
    return readVarint(this.bytes, this.from, this.to).value;
  }

  /** A 32-bit float. */
  float(): number {
    if (this.wire !== FIXED32) throw this.damaged();
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + this.from, 4).getFloat32(0, true);
  }

  /** A repeated int64, packed or not: parsers must take both. */
  numbers(into: number[]): void {
    if (this.wire === VARINT) {
      into.push(this.number());
      return;
    }
    const { to } = this.range();
    for (let at = this.from; at < to;) {
      const { value, next } = readVarint(this.bytes, at, to);
      if (next < 0) throw this.damaged();
      into.push(value);
      at = next;
    }
  }

  private varint(): number {
    const { value, next } = readVarint(this.bytes, this.at, this.end);
    if (next < 0) throw this.truncated(1);
    this.at = next;
    return value;
  }

  private truncated(wanted: number): OnnxError {
    const left = this.end - this.from;
    return new OnnxError(
      `The file is truncated or damaged: ${this.what} should go on for ${wanted} bytes at byte ${this.from}, but ${left} are left.`,
    );
  }

  private damaged(): OnnxError {
    return new OnnxError(
      `This is not an ONNX model, or it is damaged: ${this.what} makes no sense at byte ${this.start}.`,
    );
  }
}

/** A varint as a signed 64-bit number; `next` is -1 where it runs past `end` or is longer than ten bytes. */
function readVarint(bytes: Uint8Array, at: number, end: number): { value: number; next: number } {
  let low = 0; // bits 0 to 31
  let high = 0; // bits 32 to 63
  for (let shift = 0; shift < 70; shift += 7) {
    if (at >= end) break;
    const byte = bytes[at++];
    const bits = byte & 0x7f;
    if (shift < 28) low |= bits << shift;
    else if (shift === 28) {
      low |= bits << 28;
      high |= bits >> 4;
    } else high |= bits << (shift - 32);
    if (byte < 0x80) return { value: (high | 0) * 2 ** 32 + (low >>> 0), next: at };
  }
  return { value: 0, next: -1 };
}

/** Builds a message. Small pieces are gathered; large ones stay views of where they are until `finish`. */
export class Message {
  private readonly parts: Uint8Array[] = [];
  private length = 0;
  /** Small pieces since the last part, and how much of it is filled. */
  private small = new Uint8Array(64);
  private filled = 0;

  /** Fields that already are in the wire format, as they are. */
  raw(bytes: Uint8Array): this {
    this.length += bytes.length;
    if (bytes.length < SMALL) {
      const at = this.reserve(bytes.length); // before `this.small` is looked up: it may be another then
      this.small.set(bytes, at);
      return this;
    }
    this.closeSmall();
    this.parts.push(bytes);
    return this;
  }

  number(field: number, value: number): this {
    this.varint(field * 8 + VARINT);
    if (value >= 0) return this.varint(value);
    // A negative number is its two's complement in 64 bits: always ten bytes.
    const bits = BigInt.asUintN(64, BigInt(value));
    for (let i = 0; i < 10; i++) this.byte(Number((bits >> BigInt(7 * i)) & 0x7fn) | (i < 9 ? 0x80 : 0));
    return this;
  }

  float(field: number, value: number): this {
    this.varint(field * 8 + FIXED32);
    return this.raw(new Uint8Array(Float32Array.of(value).buffer));
  }

  bytes(field: number, payload: Uint8Array): this {
    return this.varint(field * 8 + LENGTH)
      .varint(payload.length)
      .raw(payload);
  }

  text(field: number, text: string): this {
    return this.bytes(field, encodeText(text));
  }

  message(field: number, message: Message): this {
    this.varint(field * 8 + LENGTH).varint(message.length);
    message.closeSmall();
    for (const part of message.parts) this.raw(part);
    return this;
  }

  finish(): Uint8Array {
    this.closeSmall();
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  private varint(value: number): this {
    for (; value >= 0x80; value = Math.floor(value / 0x80)) this.byte((value % 0x80) | 0x80);
    return this.byte(value);
  }

  private byte(value: number): this {
    this.length++;
    const at = this.reserve(1);
    this.small[at] = value;
    return this;
  }

  /** Where `count` more small bytes go. */
  private reserve(count: number): number {
    const at = this.filled;
    this.filled += count;
    if (this.filled > this.small.length) {
      const larger = new Uint8Array(2 * this.filled);
      larger.set(this.small.subarray(0, at));
      this.small = larger;
    }
    return at;
  }

  private closeSmall(): void {
    if (this.filled === 0) return;
    this.parts.push(this.small.subarray(0, this.filled));
    this.small = new Uint8Array(64);
    this.filled = 0;
  }
}

/** Pieces below this are copied: a view costs more than its bytes. */
const SMALL = 4096;
