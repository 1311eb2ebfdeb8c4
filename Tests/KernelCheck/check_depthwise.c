// The depthwise convolution: every number of channels around a block, every number of pixels, odd and even numbers of taps.
#include "check.h"

/// One tile. x: [taps][pixels][channels up to whole blocks], as the definition reads it.
typedef struct depthwise {
  uint32_t taps, pixels, channels, type;
  int32_t zero_point;
  int pattern;
} depthwise;

typedef struct operands {
  int8_t *x, *stored_x, *weights;
  size_t x_count, whole, stride;
  int32_t *offset, *stored_offset;
  float *multiplier, *bias;
} operands;

static void fill_x_and_weights(check *c, const depthwise *d, const operands *o) {
  const size_t weight_count = d->taps * o->whole;
  if (d->pattern == 1 || d->pattern == 2) {
    // Largest products of one sign.
    memset(o->x, -128, o->x_count);
    memset(o->weights, d->pattern == 1 ? -127 : 127, weight_count);
  } else if (d->pattern == 3) {
    for (size_t i = 0; i < o->x_count; i++) o->x[i] = (int8_t)(next_random(c) & 1 ? -128 : 127);
    for (size_t i = 0; i < weight_count; i++) o->weights[i] = (int8_t)(next_random(c) & 1 ? -127 : 127);
  } else {
    fill_int8(c, o->x, o->x_count, -128, 127);
    fill_int8(c, o->weights, weight_count, -127, 127);
  }
  for (uint32_t t = 0; t < d->taps; t++) memset(o->weights + t * o->whole + d->channels, 0, o->whole - d->channels);
}

static operands make_operands(check *c, const depthwise *d) {
  operands o = {.whole = (d->channels + 15) / 16 * 16, .stride = d->channels + 3};
  o.x_count = (size_t)d->taps * d->pixels * o.whole;
  o.x = guarded_tail(&c->inputs[0], o.x_count);
  o.stored_x = guarded_tail(&c->inputs[1], o.x_count);
  o.weights = guarded_tail(&c->inputs[2], d->taps * o.whole);
  o.offset = guarded_tail(&c->inputs[3], o.whole * 4);
  o.stored_offset = guarded_tail(&c->inputs[4], o.whole * 4);
  o.multiplier = guarded_tail(&c->inputs[5], o.whole * 4);
  o.bias = guarded_tail(&c->inputs[6], o.whole * 4);
  fill_x_and_weights(c, d, &o);
  // Pattern 3 reaches the ends of int32, pattern 0 falls on halves, where rounding must go to even.
  const int32_t limit = d->pattern == 3 ? 0x3FFFFFFF : 4000;
  for (size_t i = 0; i < o.whole; i++) {
    o.offset[i] = random_between(c, -limit, limit);
    o.multiplier[i] = d->pattern == 0 ? 0x1p-9f : (float)random_between(c, 1, 1 << 20) * 0x1p-24f;
    o.bias[i] = d->pattern == 0 ? (float)random_between(c, -8, 8) * 0.5f : (float)random_between(c, -99999, 99999) * 0x1p-8f;
  }
  return o;
}

/// The whole convolution, tile by tile, with operands as `set` stores them.
static void convolve_in_tiles(const drift_kernel_set *set, const depthwise *d, const operands *o, void *out, drift_quantizer quantizer) {
  const int8_t *pointers[25 * DRIFT_MAX_TILE_ROWS];
  for (size_t i = 0; i < o->x_count; i++) o->stored_x[i] = (int8_t)(uint8_t)((o->x[i] + set->operand_bias) & 255);
  for (size_t c = 0; c < o->whole; c++) {
    int32_t sum = 0;
    for (size_t t = 0; t < d->taps; t++) sum += o->weights[t * o->whole + c];
    o->stored_offset[c] = (int32_t)((uint32_t)o->offset[c] - (uint32_t)set->operand_bias * (uint32_t)sum);
  }
  const size_t value_size = d->type == DRIFT_STORE_SUMS ? 4 : d->type == DRIFT_STORE_INT16 ? 2 : 1;
  for (uint32_t pixel = 0; pixel < d->pixels; pixel += set->tile_rows) {
    const uint32_t left = d->pixels - pixel;
    for (uint32_t t = 0; t < d->taps; t++) {
      for (uint32_t r = 0; r < set->tile_rows; r++) {
        const size_t row = pixel + (r < left ? r : left - 1);
        pointers[t * set->tile_rows + r] = o->stored_x + (t * d->pixels + row) * o->whole;
      }
    }
    const drift_tile tile = {
        .taps = d->taps, .pixels = left < set->tile_rows ? left : set->tile_rows, .columns = d->channels, .offset = o->stored_offset,
        .multiplier = o->multiplier, .bias = o->bias};
    const drift_destination destination = {
        .base = (uint8_t *)out + pixel * o->stride * value_size, .stride = o->stride, .type = d->type, .quantizer = quantizer};
    set->depthwise(pointers, o->weights, &tile, &destination);
  }
}

/// The definition, independent of the scalar kernel: sums with their offsets.
static void convolve_plainly(const depthwise *d, const operands *o, int32_t *out) {
  for (size_t pixel = 0; pixel < d->pixels; pixel++) {
    for (size_t c = 0; c < d->channels; c++) {
      int64_t sum = o->offset[c];
      for (size_t t = 0; t < d->taps; t++) sum += o->x[(t * d->pixels + pixel) * o->whole + c] * o->weights[t * o->whole + c];
      out[pixel * o->stride + c] = (int32_t)sum;
    }
  }
}

static void check_one(check *c, const depthwise *d) {
  const operands o = make_operands(c, d);
  const size_t value_size = d->type == DRIFT_STORE_SUMS ? 4 : d->type == DRIFT_STORE_INT16 ? 2 : 1;
  const size_t bytes = ((d->pixels - 1) * o.stride + d->channels) * value_size;
  void *expected = guarded_tail(&c->expected[0], bytes), *found = guarded_tail(&c->found[0], bytes);
  const float zero = (float)d->zero_point;
  drift_quantizer quantizer = {-128 - zero, 127 - zero, d->zero_point};
  if (d->type == DRIFT_STORE_INT16) quantizer = (drift_quantizer){-32767, 32767, 0};
  const char *const format = "depthwise: taps %u, pixels %u, channels %u, type %u, zero point %d, pattern %d";
  memset(expected, 0x55, bytes), memset(found, 0x55, bytes);
  convolve_in_tiles(c->reference, d, &o, expected, quantizer);
  if (d->type == DRIFT_STORE_SUMS) {
    convolve_plainly(d, &o, found);
    compare(c, expected, found, bytes, format, d->taps, d->pixels, d->channels, d->type, d->zero_point, d->pattern);
    memset(found, 0x55, bytes);
  }
  convolve_in_tiles(c->tested, d, &o, found, quantizer);
  if (d->type == DRIFT_STORE_INT8) {
    for (uint32_t pixel = 0; pixel < d->pixels; pixel++) remove_bias(c->tested, (int8_t *)found + pixel * o.stride, d->channels);
  }
  compare(c, expected, found, bytes, format, d->taps, d->pixels, d->channels, d->type, d->zero_point, d->pattern);
}

void check_depthwise(check *c) {
  static const uint32_t tap_counts[] = {1, 2, 3, 9, 25}, types[] = {DRIFT_STORE_INT8, DRIFT_STORE_INT16, DRIFT_STORE_SUMS};
  static const int32_t zero_points[] = {-128, 0, 127};
  depthwise d;
  for (d.pixels = 1; d.pixels <= DRIFT_MAX_TILE_ROWS + 1; d.pixels++) {
    for (d.channels = 1; d.channels <= 50; d.channels++) {
      for (int variant = 0; variant < 15; variant++) {
        d.taps = tap_counts[variant % 5];
        d.type = types[variant / 5];
        d.pattern = (int)(d.pixels + d.channels + (uint32_t)variant) % 5;
        d.zero_point = zero_points[(d.channels + (uint32_t)variant) % 3];
        check_one(c, &d);
      }
    }
  }
}
