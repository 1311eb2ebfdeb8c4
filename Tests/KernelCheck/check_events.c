// Neurons and membranes: every number of channels around the widths of vectors, differences up to the whole range, payloads and sums at the
// ends of what 16 bits hold, lists that do not fit.
#include "check.h"

static int8_t with_bias(const drift_kernel_set *set, int8_t value) { return (int8_t)(uint8_t)((value + set->operand_bias) & 255); }

typedef struct sending {
  uint32_t pixels, channels, threshold, is_unit, room;
  size_t stride;
  int pattern;
} sending;

/// Levels and what has been sent before.
static void fill_levels(check *c, const sending *s, int8_t *levels, int8_t *tracer, size_t count) {
  fill_int8(c, levels, count, -128, 127);
  for (size_t i = 0; i < count; i++) {
    const uint32_t random = next_random(c);
    switch (s->pattern) {
      case 0: tracer[i] = random % 8 == 0 ? (int8_t)(random >> 8) : levels[i]; break;
      case 1: tracer[i] = (int8_t)(random >> 8); break;
      // The greatest differences of both signs, and none.
      case 2:
        levels[i] = random & 1 ? -128 : 127;
        tracer[i] = random & 2 ? -128 : 127;
        break;
      // What just fits one event, and what just does not.
      case 3:
        levels[i] = (int8_t)(random & 1 ? (int32_t)(random >> 8 & 3) - 2 : 125 - (int32_t)(random >> 8 & 3));
        tracer[i] = (int8_t)(random & 2 ? (int32_t)(random >> 10 & 3) - 128 : (int32_t)(random >> 10 & 3) - 2);
        break;
      case 4: levels[i] = tracer[i] = (int8_t)(random >> 8); break;
      // Three events each, then one.
      default:
        levels[i] = 127;
        tracer[i] = i % s->stride < 21845 ? -128 : 126;
        break;
    }
  }
}

/// What a set makes of levels and tracer: the tracer without bias, lists, events, and counts.
typedef struct sent {
  int8_t *tracer;
  drift_event_list *lists;
  drift_event *events;
  uint64_t counts[4];
} sent;

static sent send_with(
    const drift_kernel_set *set, const sending *s, const int8_t *levels, const int8_t *tracer, int8_t *stored, uint8_t *out) {
  const size_t count = (s->pixels - 1) * s->stride + s->channels;
  sent result = {.lists = (drift_event_list *)(void *)out};
  result.events = (drift_event *)(result.lists + s->pixels);
  result.tracer = (int8_t *)(result.events + s->room);
  memset(out, 0x55, sizeof(drift_event_list) * s->pixels + sizeof(drift_event) * s->room);
  for (size_t i = 0; i < count; i++) stored[i] = with_bias(set, levels[i]), result.tracer[i] = with_bias(set, tracer[i]);
  // Somebody else's events lie before these, and others have counted before.
  const uint32_t first = s->room / 4;
  drift_sender sender = {
      .levels = stored, .tracer = result.tracer, .stride = s->stride, .pixels = s->pixels, .channels = s->channels,
      .threshold = s->threshold, .is_unit = s->is_unit, .bias = (uint32_t)set->operand_bias, .lists = result.lists, .events = result.events, .next = first,
      .end = s->room, .changes = 3, .distance = 5};
  set->send(&sender);
  const uint64_t counts[4] = {sender.next, sender.end, sender.changes, sender.distance};
  memcpy(result.counts, counts, sizeof counts);
  remove_bias(set, result.tracer, count);
  return result;
}

/// The definition, independent of the scalar kernel: tracers and counts, and that listed events tell of every change.
static void check_plainly(check *c, const sending *s, const int8_t *levels, const int8_t *tracer, const sent *found) {
  uint64_t expected[3] = {3, 5, 0}, seen[3] = {found->counts[2], found->counts[3], 0};
  for (uint32_t pixel = 0; pixel < s->pixels; pixel++) {
    const drift_event_list list = found->lists[pixel];
    const drift_event *event = found->events + list.first, *end = event + list.count;
    uint32_t magnitude = 0;
    for (uint32_t channel = 0; channel < s->channels; channel++) {
      const size_t i = pixel * s->stride + channel;
      const int32_t difference = levels[i] - tracer[i], distance = difference < 0 ? -difference : difference;
      const int fires = (uint32_t)distance > s->threshold;
      const int32_t sends = !fires ? 0 : s->is_unit ? (difference < 0 ? -1 : 1) : difference;
      expected[0] += (uint64_t)fires;
      expected[1] += (uint64_t)(distance - (sends < 0 ? -sends : sends));
      expected[2] += found->tracer[i] != tracer[i] + sends;
      if (list.first == DRIFT_UNLISTED) continue;
      int32_t listed = 0;
      for (; event < end && event->channel == channel; event++) {
        listed += event->payload;
        magnitude += (uint32_t)(event->payload < 0 ? -event->payload : event->payload);
        expected[2] += event->payload < -127 || event->payload > 127 || event->payload == 0;
      }
      expected[2] += listed != sends;
    }
    if (list.first != DRIFT_UNLISTED) expected[2] += event != end || list.magnitude != (magnitude > 65535 ? 65535 : magnitude);
  }
  compare(
      c, expected, seen, sizeof seen, "send, plainly: pixels %u, channels %u, threshold %u, unit %u, room %u, pattern %d", s->pixels,
      s->channels, s->threshold, s->is_unit, s->room, s->pattern);
}

static void check_send(check *c, const sending *s) {
  const size_t count = (s->pixels - 1) * s->stride + s->channels;
  int8_t *levels = guarded_tail(&c->inputs[0], count), *tracer = guarded_tail(&c->inputs[1], count);
  int8_t *stored = guarded_tail(&c->inputs[2], count);
  fill_levels(c, s, levels, tracer, count);
  // The tracer ends where memory does; what comes before it stays aligned.
  const size_t bytes = sizeof(drift_event_list) * s->pixels + sizeof(drift_event) * s->room + count;
  uint8_t *expected = (uint8_t *)guarded_tail(&c->expected[0], bytes + 8), *found = (uint8_t *)guarded_tail(&c->found[0], bytes + 8);
  expected += 7 & -(uintptr_t)expected, found += 7 & -(uintptr_t)found;
  const sent e = send_with(c->reference, s, levels, tracer, stored, expected);
  check_plainly(c, s, levels, tracer, &e);
  const sent f = send_with(c->tested, s, levels, tracer, stored, found);
  compare(
      c, expected, found, bytes, "send: pixels %u, channels %u, threshold %u, unit %u, room %u, pattern %d", s->pixels, s->channels,
      s->threshold, s->is_unit, s->room, s->pattern);
  compare(c, e.counts, f.counts, sizeof e.counts, "send, counts: channels %u, room %u, pattern %d", s->channels, s->room, s->pattern);
}

static void check_neurons(check *c) {
  static const uint32_t thresholds[] = {0, 0, 0, 1, 126, 127, 128, 254};
  sending s;
  for (s.pixels = 1; s.pixels <= 3; s.pixels++) {
    for (s.channels = 1; s.channels <= 70; s.channels++) {
      for (int variant = 0; variant < 20; variant++) {
        s.pattern = variant % 5;
        s.threshold = thresholds[next_random(c) % 8];
        s.is_unit = variant / 5 % 2;
        s.stride = (s.channels + 3) / 4 * 4;
        // Room for all, for a part, for none.
        const uint32_t most = 4 * s.pixels * s.channels;
        s.room = variant < 10 ? most + 4 : variant % 3 == 0 ? 0 : (uint32_t)random_between(c, 0, (int32_t)most);
        check_send(c, &s);
      }
    }
  }
  // More events of one pixel than its list can count, and exactly as many.
  for (uint32_t more = 0; more <= 70; more += 5) {
    s = (sending){.pixels = 2, .channels = 21845 + more, .room = 200000, .stride = 21845 + more, .pattern = 5};
    check_send(c, &s);
  }
}

typedef struct integration {
  uint32_t runs, blocks;
  int pattern;
} integration;

/// Payloads by pattern: any, the greatest, those that add up to exactly what 16 bits hold and to one more, units.
static int32_t payload_of(check *c, int pattern, uint32_t event) {
  static const int32_t exact[] = {127, 127, 4}, beyond[] = {127, 127, 5};
  const int32_t sign = next_random(c) & 1 ? 1 : -1;
  switch (pattern) {
    case 0: return random_between(c, 1, 127) * sign;
    case 1: return 127;
    case 2: return exact[event % 3];
    case 3: return -beyond[event % 3];
    case 4: return sign;
    default: return random_between(c, 1, 3) * sign;
  }
}

static void check_integration(check *c, const integration *t) {
  enum { CHANNELS = 70, MOST_EVENTS = 600 };
  const size_t row_bytes = 16 * (size_t)t->blocks, block_stride = 16 * 2, count = (t->blocks - 1) * block_stride + 16;
  int8_t *rows = guarded_tail(&c->inputs[0], 2 * CHANNELS * row_bytes);
  for (size_t i = 0; i < 2 * CHANNELS * row_bytes; i++) {
    rows[i] = (int8_t)(t->pattern > 0 && t->pattern < 4 ? (i / row_bytes % 7 == 6 ? -127 : 127) : random_between(c, -127, 127));
  }
  drift_run *runs = guarded_tail(&c->inputs[1], t->runs * sizeof(drift_run));
  int32_t *membrane = guarded_tail(&c->inputs[2], count * 4);
  int32_t *expected = guarded_tail(&c->expected[0], count * 4), *found = guarded_tail(&c->found[0], count * 4);
  for (size_t i = 0; i < count; i++) membrane[i] = random_between(c, -100000000, 100000000);
  memcpy(expected, membrane, count * 4), memcpy(found, membrane, count * 4);
  uint32_t lengths[8], all = 0;
  for (uint32_t r = 0; r < t->runs; r++) {
    const uint32_t most = t->pattern == 5 && r == 0 ? MOST_EVENTS : t->pattern == 1 ? 517 : t->pattern == 4 ? 270 : 7;
    lengths[r] = t->pattern == 2 || t->pattern == 3 ? 3 * (r + 1) : (uint32_t)random_between(c, 1, (int32_t)most);
    if (t->pattern == 1 && r == 0) lengths[r] = 516 + t->blocks % 2;
    all += lengths[r];
  }
  drift_event *events = guarded_tail(&c->inputs[3], all * sizeof(drift_event));
  for (uint32_t r = 0; r < t->runs; r++) {
    uint32_t magnitude = 0;
    for (uint32_t i = 0; i < lengths[r]; i++) {
      const int32_t payload = payload_of(c, t->pattern, i);
      // Rows of -127 turn up one time in seven: sums of one sign reach the end of 16 bits.
      const uint16_t channel = (uint16_t)(t->pattern > 0 && t->pattern < 4 ? 7 * (next_random(c) % 10) + (t->pattern == 2 ? 6 : 0)
                                                                            : next_random(c) % CHANNELS);
      events[i] = (drift_event){channel, (int16_t)payload};
      magnitude += (uint32_t)(payload < 0 ? -payload : payload);
      for (uint32_t o = 0; o < 16 * t->blocks; o++) {
        expected[o / 16 * block_stride + o % 16] += payload * rows[(r % 2 * CHANNELS + channel) * row_bytes + o];
      }
    }
    runs[r] = (drift_run){events, rows + r % 2 * CHANNELS * row_bytes, lengths[r], magnitude > 65535 ? 65535 : magnitude};
    events += lengths[r];
  }
  const drift_kernel_set *const sets[] = {c->reference, c->tested};
  for (int i = 0; i < 2; i++) {
    memcpy(found, membrane, count * 4);
    sets[i]->integrate(runs, t->runs, t->blocks, row_bytes, found, block_stride);
    compare(c, expected, found, count * 4, "integrate: runs %u, blocks %u, pattern %d", t->runs, t->blocks, t->pattern);
  }
}

static void check_membranes(check *c) {
  integration t;
  for (t.blocks = 1; t.blocks <= 14; t.blocks++) {
    for (t.runs = 0; t.runs <= 5; t.runs++) {
      for (int variant = 0; variant < 24; variant++) {
        t.pattern = variant % 6;
        check_integration(c, &t);
      }
    }
  }
}

typedef struct row_shape {
  uint32_t width, blocks, density;
  int has_above, has_below, pattern;
} row_shape;

/// Three rows of lists whose magnitudes leave any three columns within 16 bits, by pattern: few events, or up to the very end.
static uint32_t fill_lists(check *c, const row_shape *t, drift_event_list *lists, drift_event *events) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < 3 * t->width; i++) {
    const uint32_t row = i / t->width;
    drift_event_list list = {count, 0, 0};
    // 86 for each column: 258 for three.
    uint32_t left = t->pattern == 0 ? random_between(c, 0, 3) : row == 1 ? 86 : 0;
    if (next_random(c) % 4 >= t->density) left = 0;
    while (left > 0) {
      const int32_t magnitude = t->pattern == 2 ? 1 : random_between(c, 1, (int32_t)left);
      const int32_t sign = t->pattern == 1 || next_random(c) & 1 ? 1 : -1;
      events[count++] = (drift_event){(uint16_t)random_between(c, 0, 6), (int16_t)(magnitude * sign)};
      left -= (uint32_t)magnitude;
      list.count++;
      list.magnitude = (uint16_t)(list.magnitude + magnitude);
    }
    lists[i] = list;
  }
  return count;
}

static void check_row(check *c, const row_shape *t) {
  enum { CHANNELS = 7 };
  if (c->tested->integrate_row == NULL) return;
  const size_t row_bytes = 16 * (size_t)t->blocks, tap_bytes = CHANNELS * row_bytes, block_stride = (t->width + 2) * 16;
  const size_t count = (t->blocks - 1) * block_stride + t->width * 16;
  int8_t *weights = guarded_tail(&c->inputs[0], 9 * tap_bytes);
  for (size_t i = 0; i < 9 * tap_bytes; i++) weights[i] = (int8_t)(t->pattern == 1 ? 127 : random_between(c, -127, 127));
  drift_event_list *lists = guarded_tail(&c->inputs[1], 3 * t->width * sizeof(drift_event_list));
  // As many events as there can be, moved to the end of memory once they are known.
  drift_event *all = (drift_event *)(void *)c->inputs[2].start;
  const uint32_t events = fill_lists(c, t, lists, all);
  drift_event *listed = guarded_tail(&c->inputs[2], events * sizeof(drift_event));
  memmove(listed, all, events * sizeof(drift_event));
  int32_t *expected = guarded_tail(&c->expected[0], count * 4), *found = guarded_tail(&c->found[0], count * 4);
  for (size_t i = 0; i < count; i++) expected[i] = found[i] = random_between(c, -100000000, 100000000);
  const int there[3] = {t->has_above, 1, t->has_below};
  drift_event_row row = {
      .events = listed, .weights = weights, .tap_bytes = tap_bytes, .row_bytes = row_bytes, .width = t->width, .blocks = t->blocks,
      .membranes = found, .block_stride = block_stride};
  for (uint32_t i = 0; i < 3; i++) row.lists[i] = there[i] ? lists + i * t->width : NULL;
  for (uint32_t i = 0; i < 9 * t->width; i++) {
    const uint32_t tap = i / t->width, x = i % t->width + tap % 3;
    if (!there[tap / 3] || x < 1 || x > t->width) continue;
    const drift_event_list list = lists[tap / 3 * t->width + x - 1];
    for (uint32_t e = list.first; e < list.first + list.count; e++) {
      const int8_t *w = weights + tap * tap_bytes + listed[e].channel * row_bytes;
      for (uint32_t o = 0; o < 16 * t->blocks; o++) {
        expected[o / 16 * block_stride + i % t->width * 16 + o % 16] += listed[e].payload * w[o];
      }
    }
  }
  c->tested->integrate_row(&row);
  // Not every set has this kernel, so the checksum must not depend on it.
  const uint32_t checksum = c->result->checksum;
  compare(
      c, expected, found, count * 4, "integrate_row: width %u, blocks %u, density %u, above %d, below %d, pattern %d", t->width,
      t->blocks, t->density, t->has_above, t->has_below, t->pattern);
  c->result->checksum = checksum;
}

static void check_rows(check *c) {
  row_shape t;
  const uint64_t random = c->random;
  for (t.width = 1; t.width <= 11; t.width++) {
    for (t.blocks = 1; t.blocks <= 9; t.blocks++) {
      for (int variant = 0; variant < 24; variant++) {
        t.pattern = variant % 3;
        t.has_above = variant / 3 % 2;
        t.has_below = variant / 6 % 2;
        t.density = variant / 12 == 0 ? 4 : 1 + (t.width + t.blocks) % 3;
        check_row(c, &t);
      }
    }
  }
  c->random = random;
}

typedef struct settling {
  uint32_t pixels, columns, type;
  int32_t zero_point;
  int has_residual, pattern;
} settling;

static void check_settling(check *c, const settling *t) {
  const size_t stride = t->columns + 5, count = (t->pixels - 1) * stride + t->columns;
  const size_t value_size = t->type == DRIFT_STORE_FLOAT ? 4 : t->type == DRIFT_STORE_INT16 ? 2 : 1, bytes = count * value_size;
  int32_t *sums = guarded_tail(&c->inputs[0], t->pixels * 16 * 4), *offset = guarded_tail(&c->inputs[1], 16 * 4);
  float *multiplier = guarded_tail(&c->inputs[2], 16 * 4), *bias = guarded_tail(&c->inputs[3], 16 * 4);
  int16_t *residual = guarded_tail(&c->inputs[4], count * 2);
  const int32_t limit = t->pattern == 0 ? 4000 : t->pattern == 1 ? 2000000 : 0x7FFFFFFF;
  for (uint32_t i = 0; i < t->pixels * 16; i++) sums[i] = random_between(c, -limit, limit);
  memset(offset, 0, 16 * 4);
  // Pattern 0 falls on halves, where rounding must go to even.
  for (int i = 0; i < 16; i++) {
    multiplier[i] = t->pattern == 0 ? 0x1p-5f : (float)random_between(c, 1, 1 << 20) * 0x1p-32f;
    bias[i] = t->pattern == 0 ? (float)random_between(c, -8, 8) * 0.5f : (float)random_between(c, -99999, 99999) * 0x1p-10f;
  }
  fill_int16(c, residual, count, -32767, 32767);
  const drift_tile tile = {
      .pixels = t->pixels, .columns = t->columns, .offset = offset, .multiplier = multiplier, .bias = bias,
      .residual = t->has_residual ? residual : NULL, .residual_stride = stride, .residual_gain = 0x1p-8f};
  const float zero = (float)t->zero_point;
  drift_destination out = {.stride = stride, .type = t->type, .quantizer = {-128 - zero, 127 - zero, t->zero_point}};
  if (t->type == DRIFT_STORE_INT16) out.quantizer = (drift_quantizer){-32767, 32767, 0};
  void *expected = guarded_tail(&c->expected[0], bytes), *found = guarded_tail(&c->found[0], bytes);
  memset(expected, 0x55, bytes), memset(found, 0x55, bytes);
  out.base = expected;
  c->reference->settle(sums, &tile, &out);
  out.base = found;
  c->tested->settle(sums, &tile, &out);
  if (t->type == DRIFT_STORE_INT8) {
    for (uint32_t pixel = 0; pixel < t->pixels; pixel++) remove_bias(c->tested, (int8_t *)found + pixel * stride, t->columns);
  }
  compare(
      c, expected, found, bytes, "settle: pixels %u, columns %u, type %u, zero point %d, residual %d, pattern %d", t->pixels,
      t->columns, t->type, t->zero_point, t->has_residual, t->pattern);
}

static void check_settle(check *c) {
  static const uint32_t types[] = {DRIFT_STORE_INT8, DRIFT_STORE_INT16, DRIFT_STORE_FLOAT};
  static const int32_t zero_points[] = {-128, 0, 127};
  settling t;
  for (t.pixels = 1; t.pixels <= 2 * DRIFT_MAX_TILE_ROWS + 1; t.pixels++) {
    for (t.columns = 1; t.columns <= 16; t.columns++) {
      for (int variant = 0; variant < 9; variant++) {
        t.type = types[variant % 3];
        t.pattern = variant / 3;
        t.zero_point = zero_points[(t.columns + (uint32_t)variant) % 3];
        // A convolution with a residual writes integers.
        t.has_residual = t.type != DRIFT_STORE_FLOAT && (t.pixels + t.columns) % 2;
        check_settling(c, &t);
      }
    }
  }
}

void check_events(check *c) {
  check_neurons(c);
  check_membranes(c);
  check_rows(c);
  check_settle(c);
}
