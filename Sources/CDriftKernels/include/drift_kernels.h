// The inner loops of every operator. docs/arithmetic.md says which bits they produce; kernels_scalar.c is its executable form, and
// every other set equals that one bit for bit. No kernel allocates, keeps state, or reads a byte that its contract does not name.
#ifndef DRIFT_KERNELS_H
#define DRIFT_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "drift_scalar_math.h"

#pragma clang assume_nonnull begin

enum {
  /// Output channels of a block of the packed weights.
  DRIFT_BLOCK_OUTPUTS = 16,
  /// No kernel set multiplies more rows at once.
  DRIFT_MAX_TILE_ROWS = 8,
  /// No kernel set multiplies by more blocks of weights at once.
  DRIFT_MAX_TILE_BLOCKS = 4,
};

/// How values are stored as integers.
typedef enum drift_store_type {
  DRIFT_STORE_INT8 = 0,
  DRIFT_STORE_INT16 = 1,
  DRIFT_STORE_PAIR = 2,   // int8 high and low bytes in two planes
  DRIFT_STORE_FLOAT = 3,  // tiles only; not quantized
  DRIFT_STORE_SUMS = 4,   // tiles only: int32, the sums with their offsets and nothing more
} drift_store_type;

/// clamp(v, low, high), rounded to nearest even, plus the zero point. The bounds are integers relative to the zero point.
typedef struct drift_quantizer {
  float low, high;
  int32_t zero_point;
} drift_quantizer;

/// Where stored values go: `rows` runs of values, `stride` values apart.
typedef struct drift_destination {
  void *base;      // int8_t, int16_t, float or int32_t; the high plane of a pair
  int8_t *_Nullable low;   // the low plane of a pair
  size_t stride;   // values from one row to the next
  uint32_t type;   // drift_store_type
  drift_quantizer quantizer;
} drift_destination;

/// A tile of a matrix product and what becomes of its sums. Arrays by output channel are readable up to whole blocks of 16.
typedef struct drift_tile {
  uint32_t taps;              // pointers to the rows: [taps][tile_rows of the set]
  uint32_t words;             // groups of 4 inputs under a tap
  uint32_t pixels;            // rows that count; of a pair, two rows each
  uint32_t columns;           // output channels that count, at most 16 * tile_blocks
  uint32_t pair;              // 1: rows 2i and 2i + 1 are the high and low plane of pixel i
  const int32_t *offset;      // c of docs/arithmetic.md, less the set's operand_bias times the channel's weights
  const float *_Nullable multiplier;  // m; not for sums
  const float *_Nullable bias;        // b; not for sums
  const float *_Nullable row_factor;  // in place of multiplier and bias, by pixel: v = f32(sum) * row_factor
  const int16_t *_Nullable residual;  // value 0 of pixel 0, or NULL
  size_t residual_stride;
  float residual_gain;        // (s_residual / s_y) * gain
  const int8_t *_Nullable next;  // weights that will be multiplied soon: 128 bytes from here for each word of this tile. Kernels may
                                 // prefetch them, which never fails; nothing is read
} drift_tile;

/// y = f32(q) * scale[c] + shift[c], v = act(y) * inverse.
typedef struct drift_transform {
  const float *scale;
  const float *shift;
  const float *_Nullable table;  // [2048] or [8], for the activations that need it
  uint32_t activation;   // drift_activation of drift_format.h: 0 none, 1 relu, 2 table, 3 bump
  float inverse;         // 1 / s_y
} drift_transform;

/// A neuron's level has changed: what it sends.
typedef struct drift_event {
  uint16_t channel;
  int16_t payload;  // in [-127, 127]; a greater change is sent as several events
} drift_event;

/// The events of one pixel.
typedef struct drift_event_list {
  uint32_t first;      // of the events; DRIFT_UNLISTED: there was no room for them, or they are more than `count` can say
  uint16_t count;      // events, several for a great change; 65535 if an unlisted one has more
  uint16_t magnitude;  // sum of their absolute payloads, 65535 if it is more
} drift_event_list;

/// Payloads whose magnitudes add up to no more can be summed with weights in 16 bits: 258 * 127 < 2^15.
#define DRIFT_SHORT_SUM 258

/// `first` of a list that is not there, although there may be changes.
#define DRIFT_UNLISTED UINT32_MAX

/// What neurons of neighbouring pixels compare and where they send.
typedef struct drift_sender {
  const int8_t *levels;  // target levels
  int8_t *tracer;        // what has been sent; follows
  size_t stride;         // of both, from pixel to pixel
  uint32_t pixels, channels;
  uint32_t threshold;    // changes of at most as many levels are not sent
  uint32_t is_unit;      // 1: one level at a time
  uint32_t bias;         // the set's operand_bias
  drift_event_list *lists;
  drift_event *events;
  uint32_t next, end;    // where events go
  uint64_t changes;      // adds up: neurons that sent
  uint64_t distance;     // adds up: levels still missing after sending
} drift_sender;

/// Events that reach a pixel through one tap, and the rows of weights that they add.
typedef struct drift_run {
  const drift_event *events;
  const int8_t *rows;    // [channels][outputs]
  uint32_t count;
  uint32_t magnitude;    // as the list's
} drift_run;

/// A row of output pixels of a 3x3 convolution with stride 1 and one pixel of padding, and the events around it.
typedef struct drift_event_row {
  const drift_event_list *_Nullable lists[3];  // of the rows of pixels above, at and below; NULL outside of the image
  const drift_event *events;
  const int8_t *weights;       // [9][channels][outputs], taps row by row
  size_t tap_bytes, row_bytes; // from tap to tap, from channel to channel
  uint32_t width;              // pixels of each row
  uint32_t blocks;             // of 16 outputs
  int32_t *membranes;          // of the first pixel of the row
  size_t block_stride;         // from block to block
} drift_event_row;

/// One instruction set's kernels.
typedef struct drift_kernel_set {
  const char *name;
  /// Rows of a tile of `multiply`: even, at most DRIFT_MAX_TILE_ROWS.
  uint32_t tile_rows;
  /// Blocks of 16 outputs that a tile may span, at most DRIFT_MAX_TILE_BLOCKS.
  uint32_t tile_blocks;
  /// Added to every int8 operand (and to both planes of a pair) where this set stores it: 128 for instructions that multiply unsigned
  /// by signed bytes, else 0. Nothing outside of the arena ever shows it.
  int32_t operand_bias;

  /// A tile of an integer matrix product, requantized and stored:
  ///   sums[r][o] = sum over taps, words and 4 inputs of rows[t][r][4w + i] * weights[o / 16][t][w][o % 16][i]
  /// and then, per pixel and output, docs/arithmetic.md, CONVOLUTION.
  /// rows: [taps][tile_rows] pointers, each to 4 * words readable bytes; those beyond the rows that count are valid too.
  /// weights: as many blocks as the columns need, each value in [-127, 127].
  void (*multiply)(
      const int8_t *_Nonnull const *_Nonnull rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out);

  /// Adds each channel's sum of q and of q * q over at most 65536 pixels to sum[c] and square_sum[c].
  void (*channel_sums)(
      const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, int64_t *sum,
      int64_t *square_sum);

  /// Per-channel affine map and activation of int16 pixels.
  void (*transform)(
      const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, const drift_transform *transform,
      const drift_destination *out);

  /// v = f32(q) * factor.
  void (*rescale)(
      const int16_t *x, size_t stride, uint32_t rows, uint32_t columns, float factor,
      const drift_destination *out);

  /// v = x * factor.
  void (*quantize)(
      const float *x, size_t stride, uint32_t rows, uint32_t columns, float factor,
      const drift_destination *out);

  /// v = f32(a) * factor_a + f32(b) * factor_b, stored as int16.
  void (*add)(
      const int16_t *a, const int16_t *b, size_t count, float factor_a, float factor_b, int16_t *out);

  /// One output row of a 2x2 mean: v = f32(q00 + q01 + q10 + q11) * factor, stored as int16. top and bottom: 2 * width pixels.
  void (*average_rows)(
      const int16_t *top, const int16_t *bottom, uint32_t width, size_t stride, float factor,
      int16_t *out);

  /// Packs `tokens` rows of `depth` stored operands as weights of the product with a query: [ceil(tokens/16)][ceil(depth/4)][16][4];
  /// row_sums [16 * ceil(tokens/16)] gets the sum over the depth.
  void (*pack_keys)(
      const int8_t *keys, size_t stride, uint32_t tokens, uint32_t depth, int8_t *packed, int32_t *row_sums);

  /// Packs `tokens` rows of `depth` stored operands as weights of the product with probabilities:
  /// [ceil(depth/16)][ceil(tokens/4)][16][4]; column_sums [16 * ceil(depth/16)] gets the sum over tokens.
  void (*pack_values)(
      const int8_t *values, size_t stride, uint32_t tokens, uint32_t depth, int8_t *packed,
      int32_t *column_sums);

  /// p[j] = table[rne(min(f32(max(l) - l[j]) * factor, 2047))], stored as the operand p - 128; entries up to the next multiple of 4 are
  /// whatever operands. Returns the sum of p.
  int32_t (*exponentiate)(
      const int32_t *logits, uint32_t tokens, float factor, const uint8_t *table, int8_t *probabilities);

  /// A tile of a depthwise convolution, requantized and stored:
  ///   sums[r][c] = sum over taps of rows[t][r][c] * weights[t][c]
  /// and then as for `multiply`, with int8, int16 or the sums as the result. Any number of columns; words, pair, row_factor, residual and next
  /// are not used.
  /// rows: [taps][tile_rows] pointers, those beyond the rows that count included. weights: [taps][columns], values in [-127, 127]. Pixels
  /// and weights are readable up to whole blocks of 16 channels, and a tap's weights are as long.
  void (*depthwise)(
      const int8_t *_Nonnull const *_Nonnull rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out);

  /// Compares levels with what has been sent and lists what is to be sent, channel by channel in ascending order; a list that does not
  /// fit is unlisted, and so are all that follow in this call.
  void (*send)(drift_sender *sender);

  /// Adds events to the membranes of one pixel, exactly, whatever the order:
  ///   membrane[b * block_stride + i] += sum over runs and their events of payload * rows[channel * row_bytes + 16b + i]
  /// rows: values in [-127, 127].
  void (*integrate)(
      const drift_run *runs, uint32_t count, uint32_t blocks, size_t row_bytes, int32_t *membrane, size_t block_stride);

  /// Adds the events of three rows of pixels to a row of membranes. The magnitudes of the lists in any three neighbouring columns add up to
  /// DRIFT_SHORT_SUM at most. NULL for sets that have only `integrate`.
  void (*_Nullable integrate_row)(const drift_event_row *row);

  /// What `multiply` does with its sums, for sums that are at hand: [pixels][16], any number of pixels. tile->offset: 16 zeros; taps,
  /// words and next are not used.
  void (*settle)(const int32_t *sums, const drift_tile *tile, const drift_destination *out);

  /// Multiplies and adds in registers alone, as fast as this set's instructions go: what `multiply` is measured against. Returns the
  /// number of multiply-adds done.
  uint64_t (*peak)(uint32_t iterations);
} drift_kernel_set;

/// Plain C, for every CPU: the definition.
const drift_kernel_set *drift_kernels_scalar(void);

#if defined(__x86_64__)
const drift_kernel_set *drift_kernels_avx2(void);
/// Needs AVX2 and AVX-VNNI.
const drift_kernel_set *drift_kernels_avxvnni(void);
/// Needs AVX-512 F, BW, VL and VNNI.
const drift_kernel_set *drift_kernels_avx512vnni(void);
#endif

#if defined(__aarch64__) || (defined(__arm__) && defined(__ARM_NEON))
const drift_kernel_set *drift_kernels_neon(void);
#endif

#if defined(__aarch64__)
/// Needs the int8 dot product of Armv8.2 (`asimddp`).
const drift_kernel_set *drift_kernels_dotprod(void);
/// Needs the int8 matrix product of Armv8.6 (`i8mm`) and the dot product.
const drift_kernel_set *drift_kernels_i8mm(void);
#endif

#pragma clang assume_nonnull end

#endif
