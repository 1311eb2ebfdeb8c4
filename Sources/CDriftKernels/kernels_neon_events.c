// Kernels of spiking programs for every ARM set.
#if defined(__aarch64__) || (defined(__arm__) && defined(__ARM_NEON))

#include <arm_neon.h>

#include "drift_neon.h"
#include "drift_scalar.h"

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

/// The lowest of 4 bits for each of 16 channels that differ.
INLINE uint64_t changes_of(int8x16_t target, int8x16_t sent) {
  const uint8x16_t equal = vceqq_s8(target, sent);
  return 0x1111111111111111u & ~vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(equal), 4)), 0);
}

INLINE uint32_t sum_of_16(int8x16_t magnitudes) {
  const uint8x16_t m = vreinterpretq_u8_s8(magnitudes);
#if defined(__aarch64__)
  return vaddlvq_u8(m);
#else
  const uint64x2_t sums = vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(m)));
  return (uint32_t)(vgetq_lane_u64(sums, 0) + vgetq_lane_u64(sums, 1));
#endif
}

/// Lists differences of 16 channels, whose bits are set; returns the end of the list.
INLINE drift_event *list_16(drift_event *event, uint64_t changed, uint32_t first, const int8_t *differences) {
  for (; changed != 0; changed &= changed - 1) {
    const uint32_t c = (uint32_t)__builtin_ctzll(changed) / 4;
    *event++ = (drift_event){(uint16_t)(first + c), differences[c]};
  }
  return event;
}

void drift_send_neon(drift_sender *sender) {
  drift_sender s = *sender;
  const int8_t *levels = s.levels;
  int8_t *tracer = s.tracer;
  for (uint32_t pixel = 0; pixel < s.pixels; pixel++, levels += s.stride, tracer += s.stride) {
    drift_event_list list = {s.next, 0, 0};
    uint32_t c = 0;
    for (; c + 16 <= s.channels; c += 16) {
      const int8x16_t target = vld1q_s8(levels + c), sent = vld1q_s8(tracer + c), difference = vsubq_s8(target, sent);
      uint64_t changed = changes_of(target, sent);
      if (changed == 0) continue;
      // Differences beyond int8 saturate, and so does the magnitude of -128.
      const int8x16_t saturated = vqsubq_s8(target, sent), magnitude = vabsq_s8(saturated);
      const uint64_t far = changes_of(difference, saturated) | changes_of(magnitude, vqabsq_s8(saturated));
      if (far != 0 || !drift_sends_whole(&s, &list, 16)) {
        for (; changed != 0; changed &= changed - 1) {
          drift_send_one(&s, &list, levels, tracer, c + (uint32_t)__builtin_ctzll(changed) / 4);
        }
        continue;
      }
      int8x16_t sends = magnitude, now = target;
      if (s.threshold > 0) {
        const uint8x16_t quiet = vcleq_u8(vreinterpretq_u8_s8(magnitude), vdupq_n_u8((uint8_t)s.threshold));
        s.distance += sum_of_16(vandq_s8(magnitude, vreinterpretq_s8_u8(quiet)));
        now = vbslq_s8(quiet, sent, target);
        changed = changes_of(now, sent);
        sends = vbicq_s8(magnitude, vreinterpretq_s8_u8(quiet));
      }
      int8_t differences[16];
      vst1q_s8(differences, difference);
      vst1q_s8(tracer + c, now);
      drift_event *event = s.events + s.next;
      const uint32_t count = (uint32_t)(list_16(event, changed, c, differences) - event);
      s.next += count;
      s.changes += count;
      list.count = (uint16_t)(list.count + count);
      drift_add_magnitude(&list, sum_of_16(sends));
    }
    for (; c < s.channels; c++) drift_send_one(&s, &list, levels, tracer, c);
    drift_end_list(&s, pixel, &list);
  }
  *sender = s;
}

#if defined(__aarch64__)
enum { MOST_BLOCKS = 6 };
#define MLAL_HIGH(sum, w, payload) vmlal_high_s8(sum, w, payload)
#else
enum { MOST_BLOCKS = 4 };
#define MLAL_HIGH(sum, w, payload) vmlal_s8(sum, vget_high_s8(w), vget_low_s8(payload))
#endif

/// Sums of blocks of 16 outputs in 16 bits.
typedef struct short_sums {
  int16x8_t low[MOST_BLOCKS], high[MOST_BLOCKS];
} short_sums;

INLINE void clear(short_sums *sum, const int blocks) {
  UNROLL for (int b = 0; b < blocks; b++) sum->low[b] = sum->high[b] = vdupq_n_s16(0);
}

/// Adds them to membranes and clears them.
INLINE void flush_blocks(short_sums *sum, const int blocks, int32_t *membrane, size_t block_stride) {
  UNROLL for (int b = 0; b < blocks; b++) {
    int32_t *m = membrane + (size_t)b * block_stride;
    vst1q_s32(m, vaddw_s16(vld1q_s32(m), vget_low_s16(sum->low[b])));
    vst1q_s32(m + 4, vaddw_s16(vld1q_s32(m + 4), vget_high_s16(sum->low[b])));
    vst1q_s32(m + 8, vaddw_s16(vld1q_s32(m + 8), vget_low_s16(sum->high[b])));
    vst1q_s32(m + 12, vaddw_s16(vld1q_s32(m + 12), vget_high_s16(sum->high[b])));
  }
  clear(sum, blocks);
}

/// Adds the rows of two events, which one load brings.
INLINE void add_two_events(short_sums *sum, const int blocks, const drift_event *events, const int8_t *rows, size_t row_bytes) {
  uint64_t both;
  memcpy(&both, events, sizeof both);
  const int8x8_t bytes = vreinterpret_s8_u64(vcreate_u64(both));
  const int8_t *row0 = rows + (both & 65535) * row_bytes, *row1 = rows + (both >> 32 & 65535) * row_bytes;
  const int8x16_t payload0 = vdupq_lane_s8(bytes, 2), payload1 = vdupq_lane_s8(bytes, 6);
  UNROLL for (int b = 0; b < blocks; b++) {
    const int8x16_t w0 = vld1q_s8(row0 + 16 * b), w1 = vld1q_s8(row1 + 16 * b);
    sum->low[b] = vmlal_s8(sum->low[b], vget_low_s8(w0), vget_low_s8(payload0));
    sum->high[b] = MLAL_HIGH(sum->high[b], w0, payload0);
    sum->low[b] = vmlal_s8(sum->low[b], vget_low_s8(w1), vget_low_s8(payload1));
    sum->high[b] = MLAL_HIGH(sum->high[b], w1, payload1);
  }
}

INLINE void add_event(short_sums *sum, const int blocks, const drift_event *event, const int8_t *rows, size_t row_bytes) {
  const int8_t *row = rows + event->channel * row_bytes;
  // The low byte of the payload is all of it.
  const int8x16_t payload = vld1q_dup_s8((const int8_t *)&event->payload);
  UNROLL for (int b = 0; b < blocks; b++) {
    const int8x16_t w = vld1q_s8(row + 16 * b);
    sum->low[b] = vmlal_s8(sum->low[b], vget_low_s8(w), vget_low_s8(payload));
    sum->high[b] = MLAL_HIGH(sum->high[b], w, payload);
  }
}

/// Sums stay in 16 bits as long as the payloads' magnitudes allow it.
INLINE void integrate_blocks(
    const drift_run *runs, uint32_t count, const int blocks, size_t offset, size_t row_bytes, int32_t *membrane, size_t block_stride) {
  short_sums sum;
  clear(&sum, blocks);
  uint32_t used = 0;
  for (uint32_t r = 0; r < count; r++) {
    const drift_event *event = runs[r].events, *end = event + runs[r].count;
    const int8_t *rows = runs[r].rows + offset;
    if (runs[r].magnitude > DRIFT_SHORT_SUM) {
      for (; event < end; event++) {
        const uint32_t magnitude = (uint32_t)(event->payload < 0 ? -event->payload : event->payload);
        if (used + magnitude > DRIFT_SHORT_SUM) {
          flush_blocks(&sum, blocks, membrane, block_stride);
          used = 0;
        }
        used += magnitude;
        add_event(&sum, blocks, event, rows, row_bytes);
      }
      continue;
    }
    if (used + runs[r].magnitude > DRIFT_SHORT_SUM) {
      flush_blocks(&sum, blocks, membrane, block_stride);
      used = 0;
    }
    used += runs[r].magnitude;
    for (; event + 2 <= end; event += 2) add_two_events(&sum, blocks, event, rows, row_bytes);
    if (event < end) add_event(&sum, blocks, event, rows, row_bytes);
  }
  flush_blocks(&sum, blocks, membrane, block_stride);
}

/// Adds the events of a column: through the taps of the right column to the pixel left of it, and so on.
INLINE void add_column(
    const drift_event_row *row, uint32_t x, const int blocks, size_t offset, short_sums *left, short_sums *centre, short_sums *right) {
  UNROLL for (int i = 0; i < 3; i++) {
    if (row->lists[i] == NULL) continue;
    const drift_event_list list = row->lists[i][x];
    const drift_event *event = row->events + list.first, *end = event + list.count;
    const int8_t *weights = row->weights + 3 * i * row->tap_bytes + offset;
    const size_t tap_bytes = row->tap_bytes, row_bytes = row->row_bytes;
    for (; event < end; event++) {
      const int8_t *w0 = weights + event->channel * row_bytes, *w1 = w0 + tap_bytes, *w2 = w1 + tap_bytes;
      const int8x16_t payload = vld1q_dup_s8((const int8_t *)&event->payload);
      UNROLL for (int b = 0; b < blocks; b++) {
        const int8x16_t r0 = vld1q_s8(w0 + 16 * b), r1 = vld1q_s8(w1 + 16 * b), r2 = vld1q_s8(w2 + 16 * b);
        right->low[b] = vmlal_s8(right->low[b], vget_low_s8(r0), vget_low_s8(payload));
        right->high[b] = MLAL_HIGH(right->high[b], r0, payload);
        centre->low[b] = vmlal_s8(centre->low[b], vget_low_s8(r1), vget_low_s8(payload));
        centre->high[b] = MLAL_HIGH(centre->high[b], r1, payload);
        left->low[b] = vmlal_s8(left->low[b], vget_low_s8(r2), vget_low_s8(payload));
        left->high[b] = MLAL_HIGH(left->high[b], r2, payload);
      }
    }
  }
}

/// Columns take turns at three sets of sums, so that none has to move.
INLINE void integrate_row_blocks(const drift_event_row *shared, const int blocks, uint32_t first) {
  const drift_event_row row = *shared;
  short_sums sums[3];
  UNROLL for (int i = 0; i < 3; i++) clear(&sums[i], blocks);
  int32_t *membranes = row.membranes + first * row.block_stride;
  const size_t offset = 16 * (size_t)first;
#define COLUMN(left, centre, right)                                                                                       \
  {                                                                                                                       \
    add_column(&row, x, blocks, offset, &sums[left], &sums[centre], &sums[right]);                                        \
    if (x > 0) flush_blocks(&sums[left], blocks, membranes + (size_t)(x - 1) * DRIFT_BLOCK_OUTPUTS, row.block_stride);    \
    else clear(&sums[left], blocks);                                                                                      \
    if (++x == row.width) {                                                                                               \
      flush_blocks(&sums[centre], blocks, membranes + (size_t)(x - 1) * DRIFT_BLOCK_OUTPUTS, row.block_stride);           \
      return;                                                                                                             \
    }                                                                                                                     \
  }
  for (uint32_t x = 0;;) {
    COLUMN(0, 1, 2)
    COLUMN(1, 2, 0)
    COLUMN(2, 0, 1)
  }
#undef COLUMN
}

void drift_integrate_row_neon(const drift_event_row *row) {
  uint32_t b = 0;
#if defined(__aarch64__)
  for (; row->blocks - b >= 4; b += 4) integrate_row_blocks(row, 4, b);
#endif
  for (; row->blocks - b >= 2; b += 2) integrate_row_blocks(row, 2, b);
  if (b < row->blocks) integrate_row_blocks(row, 1, b);
}

void drift_integrate_neon(
    const drift_run *runs, uint32_t count, uint32_t blocks, size_t row_bytes, int32_t *membrane, size_t block_stride) {
  uint32_t b = 0;
#define BLOCKS(n)                                                                                            \
  {                                                                                                          \
    integrate_blocks(runs, count, n, 16 * (size_t)b, row_bytes, membrane + b * block_stride, block_stride);  \
    b += n;                                                                                                  \
  }
#if defined(__aarch64__)
  while (blocks - b >= 6) BLOCKS(6)
#endif
  while (blocks - b >= 4) BLOCKS(4)
  if (blocks - b >= 2) BLOCKS(2)
  if (b < blocks) BLOCKS(1)
#undef BLOCKS
}

#endif
