// The matrix product with the stores that follow it, and attention.
#include "check.h"

/// One product: pixels and columns may be more than a tile's.
typedef struct product {
  uint32_t taps, words, pixels, columns, pair, type;
  uint32_t has_residual, has_row_factor;
  int32_t zero_point;
  int pattern;
} product;

/// Its memory. x: [taps][rows][4 * words], as the definition reads it.
typedef struct operands {
  int8_t *x, *stored_x, *weights;
  size_t x_count, rows, blocks;
  int32_t *offset, *stored_offset;
  float *multiplier, *bias, *row_factor;
  int16_t *residual;
  size_t stride;
} operands;

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

static void fill_x_and_weights(check *c, int pattern, int8_t *x, size_t x_count, int8_t *weights, size_t weight_count) {
  switch (pattern) {
    case 1:  // largest products of one sign
      memset(x, -128, x_count);
      memset(weights, -127, weight_count);
      break;
    case 2:  // largest products of the other sign
      memset(x, -128, x_count);
      memset(weights, 127, weight_count);
      break;
    case 3:  // extremes in random order
      for (size_t i = 0; i < x_count; i++) x[i] = (int8_t)(next_random(c) & 1 ? -128 : 127);
      for (size_t i = 0; i < weight_count; i++) weights[i] = (int8_t)(next_random(c) & 1 ? -127 : 127);
      break;
    default:
      fill_int8(c, x, x_count, -128, 127);
      fill_int8(c, weights, weight_count, -127, 127);
  }
}

static operands make_operands(check *c, const product *p) {
  operands o = {.rows = p->pixels * (p->pair ? 2 : 1), .blocks = (p->columns + 15) / 16, .stride = p->columns + 3};
  const size_t channels = 16 * o.blocks, weight_count = o.blocks * p->taps * p->words * 64;
  const size_t residual_count = (p->pixels - 1) * o.stride + p->columns;
  o.x_count = p->taps * o.rows * 4 * p->words;
  o.x = guarded_tail(&c->inputs[0], o.x_count);
  o.stored_x = guarded_tail(&c->inputs[1], o.x_count);
  o.weights = guarded_tail(&c->inputs[2], weight_count);
  o.offset = guarded_tail(&c->inputs[3], channels * 4);
  o.stored_offset = guarded_tail(&c->inputs[4], channels * 4);
  o.multiplier = guarded_tail(&c->inputs[5], channels * 4);
  o.bias = guarded_tail(&c->inputs[6], channels * 4);
  o.row_factor = guarded_tail(&c->inputs[7], p->pixels * 4);
  o.residual = guarded_tail(&c->inputs[8], residual_count * 2);
  fill_x_and_weights(c, p->pattern, o.x, o.x_count, o.weights, weight_count);
  // Pattern 3 reaches the ends of int32, pattern 0 falls on halves, where rounding must go to even.
  const int32_t limit = p->pattern == 3 ? 0x3FFFFFFF : 4000;
  for (size_t i = 0; i < channels; i++) {
    o.offset[i] = random_between(c, -limit, limit);
    o.multiplier[i] = p->pattern == 0 ? 0x1p-9f : (float)random_between(c, 1, 1 << 20) * 0x1p-26f;
    o.bias[i] = p->pattern == 0 ? (float)random_between(c, -8, 8) * 0.5f : (float)random_between(c, -99999, 99999) * 0x1p-8f;
  }
  for (uint32_t i = 0; i < p->pixels; i++) o.row_factor[i] = p->pattern == 0 ? 0x1p-9f : 1.0f / (float)random_between(c, 255, 30000);
  fill_int16(c, o.residual, residual_count, -32767, 32767);
  return o;
}

/// x and offsets as `set` stores them.
static void store_operands(const drift_kernel_set *set, const product *p, const operands *o) {
  for (size_t i = 0; i < o->x_count; i++) o->stored_x[i] = (int8_t)(uint8_t)((o->x[i] + set->operand_bias) & 255);
  for (size_t channel = 0; channel < 16 * o->blocks; channel++) {
    const int8_t *block = o->weights + channel / 16 * p->taps * p->words * 64;
    int32_t sum = 0;
    for (size_t k = 0; k < (size_t)p->taps * p->words; k++) {
      for (int i = 0; i < 4; i++) sum += block[k * 64 + channel % 16 * 4 + (size_t)i];
    }
    o->stored_offset[channel] = (int32_t)((uint32_t)o->offset[channel] - (uint32_t)set->operand_bias * (uint32_t)sum);
  }
}

static size_t value_size(uint32_t type) {
  return type == DRIFT_STORE_FLOAT || type == DRIFT_STORE_SUMS ? 4 : type == DRIFT_STORE_INT16 ? 2 : 1;
}

/// The whole product, tile by tile.
static void multiply_in_tiles(const drift_kernel_set *set, const product *p, const operands *o, void *out, drift_quantizer quantizer) {
  const int8_t *pointers[9 * DRIFT_MAX_TILE_ROWS];
  store_operands(set, p, o);
  const uint32_t planes = p->pair ? 2 : 1, tile_pixels = set->tile_rows / planes, tile_columns = 16 * set->tile_blocks;
  for (uint32_t pixel = 0; pixel < p->pixels; pixel += tile_pixels) {
    for (uint32_t t = 0; t < p->taps; t++) {
      for (uint32_t r = 0; r < set->tile_rows; r++) {
        const size_t row = least(pixel * planes + r, (uint32_t)o->rows - planes + r % planes);
        pointers[t * set->tile_rows + r] = o->stored_x + (t * o->rows + row) * 4 * p->words;
      }
    }
    for (uint32_t column = 0; column < p->columns; column += tile_columns) {
      const drift_tile tile = {
          .taps = p->taps, .words = p->words, .pixels = least(tile_pixels, p->pixels - pixel),
          .columns = least(tile_columns, p->columns - column), .pair = p->pair, .offset = o->stored_offset + column,
          .multiplier = o->multiplier + column, .bias = o->bias + column,
          .row_factor = p->has_row_factor ? o->row_factor + pixel : NULL,
          .residual = p->has_residual ? o->residual + pixel * o->stride + column : NULL, .residual_stride = o->stride,
          .residual_gain = p->pattern == 0 ? 0.25f : 0.7071f,
          .next = p->columns % 2 == 0 ? o->weights : NULL};
      const drift_destination destination = {
          .base = (uint8_t *)out + (pixel * o->stride + column) * value_size(p->type), .stride = o->stride, .type = p->type,
          .quantizer = quantizer};
      set->multiply(pointers, o->weights + (size_t)column / 16 * p->taps * p->words * 64, &tile, &destination);
    }
  }
}

/// The definition, independent of the scalar kernel: sums with their offsets.
static void multiply_plainly(const product *p, const operands *o, int32_t *out) {
  for (uint32_t r = 0; r < p->pixels; r++) {
    for (uint32_t column = 0; column < p->columns; column++) {
      int64_t sum = o->offset[column];
      for (size_t t = 0; t < p->taps; t++) {
        for (size_t k = 0; k < 4 * (size_t)p->words; k++) {
          const size_t block = ((size_t)column / 16 * p->taps + t) * p->words + k / 4;
          sum += o->x[(t * o->rows + r) * 4 * p->words + k] * o->weights[block * 64 + column % 16 * 4 + k % 4];
        }
      }
      out[r * o->stride + column] = (int32_t)sum;
    }
  }
}

static void check_product(check *c, const product *p) {
  const operands o = make_operands(c, p);
  const size_t bytes = ((p->pixels - 1) * o.stride + p->columns) * value_size(p->type);
  void *expected = guarded_tail(&c->expected[0], bytes), *found = guarded_tail(&c->found[0], bytes);
  const float zero = (float)p->zero_point;
  drift_quantizer quantizer = {-128 - zero, 127 - zero, p->zero_point};
  if (p->type == DRIFT_STORE_INT16) {
    // The bounds of every tensor, and some of none.
    quantizer = p->zero_point == 127 ? (drift_quantizer){-999, 1999, 5} : (drift_quantizer){-32767, 32767, 0};
  }
  memset(expected, 0x55, bytes), memset(found, 0x55, bytes);
  multiply_in_tiles(c->reference, p, &o, expected, quantizer);
  const char *const format =
      "multiply: taps %u, words %u, pixels %u, columns %u, pair %u, type %u, residual %u, row factor %u, zero point %d, pattern %d";
  if (p->type == DRIFT_STORE_SUMS) {
    multiply_plainly(p, &o, found);
    compare(
        c, expected, found, bytes, format, p->taps, p->words, p->pixels, p->columns, p->pair, p->type, p->has_residual,
        p->has_row_factor, p->zero_point, p->pattern);
    memset(found, 0x55, bytes);
  }
  multiply_in_tiles(c->tested, p, &o, found, quantizer);
  const size_t value = value_size(p->type);
  if (p->type == DRIFT_STORE_INT8) {
    for (uint32_t pixel = 0; pixel < p->pixels; pixel++) remove_bias(c->tested, (int8_t *)found + pixel * o.stride * value, p->columns);
  }
  compare(
      c, expected, found, bytes, format, p->taps, p->words, p->pixels, p->columns, p->pair, p->type, p->has_residual,
      p->has_row_factor, p->zero_point, p->pattern);
}

/// Every length of the sum, with the sums themselves as the result.
void check_products(check *c) {
  static const uint32_t tap_counts[] = {1, 2, 4, 9};
  for (int t = 0; t < 4; t++) {
    for (uint32_t words = 1; words <= 40; words += words < 20 ? 1 : 10) {
      for (int pattern = 0; pattern < 4; pattern++) {
        const product p = {
            .taps = tap_counts[t], .words = words, .pixels = 3 + words % 22, .columns = words % 3 == 0 ? 48 : 16 + words % 49,
            .type = DRIFT_STORE_SUMS, .pattern = pattern};
        check_product(c, &p);
      }
    }
  }
}

/// Every shape of a tile and every way to store it.
void check_tiles(check *c) {
  static const uint32_t types[] = {DRIFT_STORE_INT8, DRIFT_STORE_INT16, DRIFT_STORE_FLOAT, DRIFT_STORE_SUMS};
  static const int32_t zero_points[] = {-128, 0, 127};
  product p;
  for (p.pixels = 1; p.pixels <= DRIFT_MAX_TILE_ROWS; p.pixels++) {
    for (p.columns = 1; p.columns <= 16 * DRIFT_MAX_TILE_BLOCKS; p.columns++) {
      for (int variant = 0; variant < 48; variant++) {
        p.type = types[variant / 4 % 4];
        p.pair = p.type == DRIFT_STORE_SUMS ? 0 : variant % 2;
        p.has_residual = variant / 2 % 2;
        p.has_row_factor = p.type == DRIFT_STORE_INT8 && variant % 4 == 0;
        p.pattern = variant / 16 == 2 ? 3 : variant / 16 * 4;
        p.zero_point = zero_points[(p.pixels + p.columns + (uint32_t)variant) % 3];
        p.taps = 1 + (uint32_t)variant % 3;
        p.words = 1 + (p.columns + (uint32_t)variant) % 5;
        check_product(c, &p);
      }
    }
  }
}

static void check_packing(check *c, uint32_t tokens, uint32_t depth) {
  const size_t stride = depth + 2, input = (tokens - 1) * stride + depth;
  int8_t *x = guarded_tail(&c->inputs[0], input), *stored = guarded_tail(&c->inputs[1], input);
  fill_int8(c, x, input, -127, 127);
  for (size_t i = 0; i < input; i++) stored[i] = (int8_t)(uint8_t)((x[i] + c->tested->operand_bias) & 255);
  const size_t key_bytes = (size_t)((tokens + 15) / 16) * ((depth + 3) / 4) * 64, row_bytes = (tokens + 15) / 16 * 64;
  void *expected = guarded_tail(&c->expected[0], key_bytes), *found = guarded_tail(&c->found[0], key_bytes);
  int32_t *expected_sums = guarded_tail(&c->expected[1], row_bytes), *found_sums = guarded_tail(&c->found[1], row_bytes);
  c->reference->pack_keys(x, stride, tokens, depth, expected, expected_sums);
  c->tested->pack_keys(stored, stride, tokens, depth, found, found_sums);
  compare(c, expected, found, key_bytes, "pack_keys: tokens %u, depth %u", tokens, depth);
  compare(c, expected_sums, found_sums, row_bytes, "pack_keys, sums: tokens %u, depth %u", tokens, depth);
  const size_t value_bytes = (size_t)((depth + 15) / 16) * ((tokens + 3) / 4) * 64, sum_bytes = (depth + 15) / 16 * 64;
  expected = guarded_tail(&c->expected[0], value_bytes), found = guarded_tail(&c->found[0], value_bytes);
  expected_sums = guarded_tail(&c->expected[1], sum_bytes), found_sums = guarded_tail(&c->found[1], sum_bytes);
  c->reference->pack_values(x, stride, tokens, depth, expected, expected_sums);
  c->tested->pack_values(stored, stride, tokens, depth, found, found_sums);
  compare(c, expected, found, value_bytes, "pack_values: tokens %u, depth %u", tokens, depth);
  compare(c, expected_sums, found_sums, sum_bytes, "pack_values, sums: tokens %u, depth %u", tokens, depth);
}

static void check_exponentials(check *c, uint32_t tokens, int32_t spread, float factor) {
  // Logits are readable up to whole blocks of 16, with anything beyond the tokens.
  const size_t count = (tokens + 15) / 16 * 16;
  int32_t *logits = guarded_tail(&c->inputs[0], count * 4);
  uint8_t *table = guarded_tail(&c->inputs[1], 2048);
  for (size_t i = 0; i < count; i++) logits[i] = i < tokens ? random_between(c, -spread, spread) : 0x7FFFFFFF;
  for (int i = 0; i < 2048; i++) table[i] = (uint8_t)(255 - i / 8);
  const size_t bytes = (tokens + 3) / 4 * 4;
  int8_t *expected = guarded_tail(&c->expected[0], bytes), *found = guarded_tail(&c->found[0], bytes);
  const int32_t expected_sum = c->reference->exponentiate(logits, tokens, factor, table, expected);
  const int32_t found_sum = c->tested->exponentiate(logits, tokens, factor, table, found);
  remove_bias(c->tested, found, tokens);
  compare(c, expected, found, tokens, "exponentiate: tokens %u, spread %d", tokens, spread);
  compare(c, &expected_sum, &found_sum, 4, "exponentiate, sum: tokens %u, spread %d", tokens, spread);
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
}
