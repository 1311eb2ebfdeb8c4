// The matrix product, the stores that follow it, and attention.
#include "check.h"

enum { ROWS = 24 };  // a multiple of every tile

/// The definition, independent of the scalar kernel.
static void multiply_plainly(
    const int8_t *x, uint32_t taps, uint32_t blocks, const int8_t *weights, int32_t *sums) {
  for (uint32_t r = 0; r < ROWS; r++) {
    for (uint32_t o = 0; o < 16; o++) {
      int64_t sum = 0;
      for (uint32_t t = 0; t < taps; t++) {
        for (uint32_t k = 0; k < 4 * blocks; k++) {
          const int8_t w = weights[((size_t)t * blocks + k / 4) * 64 + o * 4 + k % 4];
          sum += x[((size_t)t * ROWS + r) * 4 * blocks + k] * w;
        }
      }
      sums[r * 16 + o] = (int32_t)sum;
    }
  }
}

static void multiply_in_tiles(
    const drift_kernel_set *set, const int8_t *x, uint32_t taps, uint32_t blocks, const int8_t *weights, int32_t *sums) {
  const int8_t *pointers[9 * DRIFT_MAX_TILE_ROWS];
  for (uint32_t first = 0; first < ROWS; first += set->tile_rows) {
    for (uint32_t t = 0; t < taps; t++) {
      for (uint32_t r = 0; r < set->tile_rows; r++) {
        pointers[t * set->tile_rows + r] = x + ((size_t)t * ROWS + first + r) * 4 * blocks;
      }
    }
    set->multiply(pointers, taps, blocks, weights, sums + first * 16);
  }
}

static void fill_operands(check *c, int pattern, int8_t *x, size_t x_count, int8_t *weights, size_t weight_count) {
  switch (pattern) {
    case 0:
      fill_int8(c, x, x_count, -128, 127);
      fill_int8(c, weights, weight_count, -127, 127);
      break;
    case 1:  // largest products of one sign
      memset(x, -128, x_count);
      memset(weights, -127, weight_count);
      break;
    case 2:  // largest products of the other sign
      memset(x, -128, x_count);
      memset(weights, 127, weight_count);
      break;
    default:  // extremes in random order
      for (size_t i = 0; i < x_count; i++) x[i] = (int8_t)(next_random(c) & 1 ? -128 : 127);
      for (size_t i = 0; i < weight_count; i++) weights[i] = (int8_t)(next_random(c) & 1 ? -127 : 127);
  }
}

void check_products(check *c) {
  static const uint32_t tap_counts[] = {1, 2, 4, 9};
  for (int t = 0; t < 4; t++) {
    for (uint32_t blocks = 1; blocks <= 40; blocks += blocks < 20 ? 1 : 10) {
      for (int pattern = 0; pattern < 4; pattern++) {
        const uint32_t taps = tap_counts[t];
        const size_t x_count = (size_t)taps * ROWS * 4 * blocks, weight_count = (size_t)taps * blocks * 64;
        int8_t *x = guarded_tail(&c->inputs[0], x_count), *weights = guarded_tail(&c->inputs[1], weight_count);
        int32_t *expected = guarded_tail(&c->expected[0], ROWS * 64), *found = guarded_tail(&c->found[0], ROWS * 64);
        fill_operands(c, pattern, x, x_count, weights, weight_count);
        multiply_plainly(x, taps, blocks, weights, expected);
        multiply_in_tiles(c->reference, x, taps, blocks, weights, found);
        compare(c, expected, found, ROWS * 64, "scalar multiply: taps %u, blocks %u, pattern %d", taps, blocks, pattern);
        multiply_in_tiles(c->tested, x, taps, blocks, weights, found);
        compare(c, expected, found, ROWS * 64, "multiply: taps %u, blocks %u, pattern %d", taps, blocks, pattern);
      }
    }
  }
}

typedef struct tile_case {
  uint32_t pixels, columns, pair, type, residual;
  int32_t zero_point;
  int pattern;
} tile_case;

static void check_tile(check *c, const tile_case *shape) {
  const size_t stride = shape->columns + 3, rows = shape->pixels * (shape->pair ? 2 : 1);
  int32_t *sums = guarded_tail(&c->inputs[0], rows * 64), *offset = guarded_tail(&c->inputs[1], 64);
  float *multiplier = guarded_tail(&c->inputs[2], 64), *bias = guarded_tail(&c->inputs[3], 64);
  int16_t *residual = guarded_tail(&c->inputs[4], ((shape->pixels - 1) * stride + shape->columns) * 2);
  const int32_t limit = shape->pattern == 2 ? 0x3FFFFFFF : 4000;
  for (size_t i = 0; i < rows * 16; i++) sums[i] = random_between(c, -limit, limit);
  for (int o = 0; o < 16; o++) {
    offset[o] = random_between(c, -limit, limit);
    // Pattern 0 falls on halves, where rounding must go to even.
    multiplier[o] = shape->pattern == 0 ? 0.5f : (float)random_between(c, 1, 1 << 20) * 0x1p-24f;
    bias[o] = shape->pattern == 0 ? (float)random_between(c, -8, 8) * 0.5f : (float)random_between(c, -99999, 99999) * 0x1p-8f;
  }
  fill_int16(c, residual, (shape->pixels - 1) * stride + shape->columns, -32767, 32767);
  const drift_tile tile = {
      .offset = offset, .multiplier = multiplier, .bias = bias, .pixels = shape->pixels, .columns = shape->columns,
      .pair = shape->pair, .residual = shape->residual ? residual : NULL, .residual_stride = stride,
      .residual_gain = shape->pattern == 0 ? 0.25f : 0.7071f};
  const size_t value = shape->type == DRIFT_STORE_FLOAT ? 4 : shape->type == DRIFT_STORE_INT16 ? 2 : 1;
  const size_t bytes = ((shape->pixels - 1) * stride + shape->columns) * value;
  void *expected = guarded_tail(&c->expected[0], bytes), *found = guarded_tail(&c->found[0], bytes);
  memset(expected, 0x55, bytes), memset(found, 0x55, bytes);
  const float zero = (float)shape->zero_point;
  drift_quantizer quantizer = {-128 - zero, 127 - zero, shape->zero_point};
  if (shape->type == DRIFT_STORE_INT16) quantizer = (drift_quantizer){-32767, 32767, 0};
  const drift_destination first = {.base = expected, .stride = stride, .type = shape->type, .quantizer = quantizer};
  drift_destination second = first;
  second.base = found;
  c->reference->store_tile(sums, &tile, &first);
  c->tested->store_tile(sums, &tile, &second);
  compare(
      c, expected, found, bytes, "store_tile: pixels %u, columns %u, pair %u, type %u, residual %u, zero point %d, pattern %d",
      shape->pixels, shape->columns, shape->pair, shape->type, shape->residual, shape->zero_point, shape->pattern);
}

void check_tiles(check *c) {
  static const uint32_t types[] = {DRIFT_STORE_INT8, DRIFT_STORE_INT16, DRIFT_STORE_FLOAT};
  static const int32_t zero_points[] = {-128, 0, 127};
  tile_case shape;
  for (shape.pixels = 1; shape.pixels <= DRIFT_MAX_TILE_ROWS; shape.pixels++) {
    for (shape.columns = 1; shape.columns <= 16; shape.columns++) {
      for (int variant = 0; variant < 36; variant++) {
        shape.pair = variant % 2;
        shape.residual = variant / 2 % 2;
        shape.type = types[variant / 4 % 3];
        shape.pattern = variant / 12;
        shape.zero_point = zero_points[(shape.pixels + shape.columns + (uint32_t)variant) % 3];
        check_tile(c, &shape);
      }
    }
  }
}

static void check_packing(check *c, uint32_t tokens, uint32_t depth) {
  const size_t stride = depth + 2, input = (tokens - 1) * stride + depth;
  int8_t *x = guarded_tail(&c->inputs[0], input);
  fill_int8(c, x, input, -127, 127);
  const size_t key_bytes = (size_t)((tokens + 15) / 16) * ((depth + 3) / 4) * 64;
  void *expected = guarded_tail(&c->expected[0], key_bytes), *found = guarded_tail(&c->found[0], key_bytes);
  c->reference->pack_keys(x, stride, tokens, depth, expected);
  c->tested->pack_keys(x, stride, tokens, depth, found);
  compare(c, expected, found, key_bytes, "pack_keys: tokens %u, depth %u", tokens, depth);
  const size_t value_bytes = (size_t)((depth + 15) / 16) * ((tokens + 3) / 4) * 64, sum_bytes = (depth + 15) / 16 * 64;
  expected = guarded_tail(&c->expected[0], value_bytes), found = guarded_tail(&c->found[0], value_bytes);
  int32_t *expected_sums = guarded_tail(&c->expected[1], sum_bytes), *found_sums = guarded_tail(&c->found[1], sum_bytes);
  c->reference->pack_values(x, stride, tokens, depth, expected, expected_sums);
  c->tested->pack_values(x, stride, tokens, depth, found, found_sums);
  compare(c, expected, found, value_bytes, "pack_values: tokens %u, depth %u", tokens, depth);
  compare(c, expected_sums, found_sums, sum_bytes, "pack_values, sums: tokens %u, depth %u", tokens, depth);
}

static void check_exponentials(check *c, uint32_t tokens, int32_t spread, float factor) {
  const size_t block_stride = 96, blocks = (tokens + 15) / 16, count = (blocks - 1) * block_stride + 16;
  int32_t *logits = guarded_tail(&c->inputs[0], count * 4);
  uint8_t *table = guarded_tail(&c->inputs[1], 2048);
  for (size_t i = 0; i < count; i++) logits[i] = random_between(c, -spread, spread);
  for (int i = 0; i < 2048; i++) table[i] = (uint8_t)(255 - i / 8);
  const size_t bytes = (tokens + 3) / 4 * 4;
  int8_t *expected = guarded_tail(&c->expected[0], bytes), *found = guarded_tail(&c->found[0], bytes);
  const int32_t expected_sum = c->reference->exponentiate(logits, block_stride, tokens, factor, table, expected);
  const int32_t found_sum = c->tested->exponentiate(logits, block_stride, tokens, factor, table, found);
  compare(c, expected, found, bytes, "exponentiate: tokens %u, spread %d", tokens, spread);
  compare(c, &expected_sum, &found_sum, 4, "exponentiate, sum: tokens %u, spread %d", tokens, spread);
}

static void check_attention_store(check *c, uint32_t rows, uint32_t columns) {
  const size_t stride = columns + 1, bytes = (rows - 1) * stride + columns;
  int32_t *sums = guarded_tail(&c->inputs[0], rows * 64), *column_sums = guarded_tail(&c->inputs[1], 64);
  float *factors = guarded_tail(&c->inputs[2], rows * 4);
  for (uint32_t i = 0; i < rows * 16; i++) sums[i] = random_between(c, -2000000, 2000000);
  for (int i = 0; i < 16; i++) column_sums[i] = random_between(c, -8000, 8000);
  for (uint32_t i = 0; i < rows; i++) factors[i] = 1.0f / (float)random_between(c, 255, 30000);
  int8_t *expected = guarded_tail(&c->expected[0], bytes), *found = guarded_tail(&c->found[0], bytes);
  memset(expected, 0, bytes), memset(found, 0, bytes);
  const drift_destination first = {
      .base = expected, .stride = stride, .type = DRIFT_STORE_INT8, .quantizer = {-128 - 5, 127 - 5, 5}};
  drift_destination second = first;
  second.base = found;
  c->reference->store_attention(sums, rows, columns, column_sums, factors, &first);
  c->tested->store_attention(sums, rows, columns, column_sums, factors, &second);
  compare(c, expected, found, bytes, "store_attention: rows %u, columns %u", rows, columns);
}

void check_attention(check *c) {
  for (uint32_t tokens = 1; tokens <= 37; tokens++) {
    for (uint32_t depth = 1; depth <= 36; depth++) check_packing(c, tokens, depth);
  }
  for (uint32_t tokens = 1; tokens <= 130; tokens++) {
    check_exponentials(c, tokens, 100, 0.5f);         // falls on halves
    check_exponentials(c, tokens, 100000, 0.0123f);
    check_exponentials(c, tokens, 0x3FFFFFFF, 3.0f);  // beyond the table
    check_exponentials(c, tokens, 0, 1.0f);
  }
  for (uint32_t rows = 1; rows <= DRIFT_MAX_TILE_ROWS; rows++) {
    for (uint32_t columns = 1; columns <= 16; columns++) check_attention_store(c, rows, columns);
  }
}
