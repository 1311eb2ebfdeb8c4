// Kernels of spiking programs for every x86-64 set with AVX2.
#if defined(__x86_64__)

#include <immintrin.h>

#include "drift_avx2_events.h"
#include "drift_scalar.h"

#define TARGET __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline)) TARGET

/// Lists differences of 32 channels, whose bits are set; returns the end of the list.
INLINE drift_event *list_32(drift_event *event, uint32_t changed, uint32_t first, const int8_t *differences) {
  for (; changed != 0; changed &= changed - 1) {
    const uint32_t c = (uint32_t)__builtin_ctz(changed);
    *event++ = (drift_event){(uint16_t)(first + c), differences[c]};
  }
  return event;
}

INLINE uint32_t sum_of_32(__m256i magnitudes) {
  const __m256i sums = _mm256_sad_epu8(magnitudes, _mm256_setzero_si256());
  const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  return (uint32_t)(_mm_cvtsi128_si32(half) + _mm_extract_epi32(half, 2));
}

/// 32 channels are compared at once. Where a difference does not fit one event, each is sent by itself.
TARGET void drift_send_avx2(drift_sender *sender) {
  drift_sender s = *sender;
  const int8_t *levels = s.levels;
  int8_t *tracer = s.tracer;
  for (uint32_t pixel = 0; pixel < s.pixels; pixel++, levels += s.stride, tracer += s.stride) {
    drift_event_list list = {s.next, 0, 0};
    uint32_t c = 0;
    for (; c + 32 <= s.channels; c += 32) {
      const __m256i target = _mm256_loadu_si256((const __m256i *)(levels + c)), sent = _mm256_loadu_si256((const __m256i *)(tracer + c));
      uint32_t changed = ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(target, sent));
      if (changed == 0) continue;
      // Differences beyond int8 saturate; the magnitude of -128 keeps its sign.
      const __m256i bias = _mm256_set1_epi8((char)s.bias);
      const __m256i a = _mm256_xor_si256(target, bias), b = _mm256_xor_si256(sent, bias);
      const __m256i difference = _mm256_subs_epi8(a, b), magnitude = _mm256_abs_epi8(difference);
      const uint32_t exact = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(difference, _mm256_sub_epi8(a, b)));
      if (exact != UINT32_MAX || _mm256_movemask_epi8(magnitude) != 0 || !drift_sends_whole(&s, &list, 32)) {
        for (; changed != 0; changed &= changed - 1) {
          drift_send_one(&s, &list, levels, tracer, c + (uint32_t)__builtin_ctz(changed));
        }
        continue;
      }
      __m256i sends = magnitude, now = target;
      if (s.threshold > 0) {
        const __m256i threshold = _mm256_set1_epi8((char)s.threshold);
        const __m256i quiet = _mm256_cmpeq_epi8(_mm256_max_epu8(magnitude, threshold), threshold);
        s.distance += sum_of_32(_mm256_and_si256(magnitude, quiet));
        changed &= ~(uint32_t)_mm256_movemask_epi8(quiet);
        sends = _mm256_andnot_si256(quiet, magnitude);
        now = _mm256_blendv_epi8(target, sent, quiet);
      }
      int8_t differences[32];
      _mm256_storeu_si256((__m256i *)differences, difference);
      _mm256_storeu_si256((__m256i *)(tracer + c), now);
      drift_event *event = s.events + s.next;
      const uint32_t count = (uint32_t)(list_32(event, changed, c, differences) - event);
      s.next += count;
      s.changes += count;
      list.count = (uint16_t)(list.count + count);
      drift_add_magnitude(&list, sum_of_32(sends));
    }
    for (; c < s.channels; c++) drift_send_one(&s, &list, levels, tracer, c);
    drift_end_list(&s, pixel, &list);
  }
  *sender = s;
}

/// Adds 16-bit sums to membranes and clears them.
INLINE void flush_blocks(__m256i *sum, const int blocks, int32_t *membrane, size_t block_stride) {
#pragma clang loop unroll(full)
  for (int b = 0; b < blocks; b++) {
    __m256i *low = (__m256i *)(membrane + (size_t)b * block_stride), *high = low + 1;
    const __m256i s0 = _mm256_cvtepi16_epi32(_mm256_castsi256_si128(sum[b]));
    const __m256i s1 = _mm256_cvtepi16_epi32(_mm256_extracti128_si256(sum[b], 1));
    _mm256_storeu_si256(low, _mm256_add_epi32(_mm256_loadu_si256(low), s0));
    _mm256_storeu_si256(high, _mm256_add_epi32(_mm256_loadu_si256(high), s1));
    sum[b] = _mm256_setzero_si256();
  }
}

INLINE void add_event(__m256i *sum, const int blocks, const drift_event *event, const int8_t *rows, size_t row_bytes) {
  const int8_t *row = rows + event->channel * row_bytes;
  const __m256i payload = _mm256_set1_epi16(event->payload);
#pragma clang loop unroll(full)
  for (int b = 0; b < blocks; b++) {
    const __m256i w = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(row + 16 * b)));
    sum[b] = _mm256_add_epi16(sum[b], _mm256_mullo_epi16(w, payload));
  }
}

/// Sums stay in 16 bits as long as the payloads' magnitudes allow it.
INLINE void integrate_blocks(
    const drift_run *runs, uint32_t count, const int blocks, size_t offset, size_t row_bytes, int32_t *membrane, size_t block_stride) {
  __m256i sum[4];
#pragma clang loop unroll(full)
  for (int b = 0; b < blocks; b++) sum[b] = _mm256_setzero_si256();
  uint32_t used = 0;
  for (uint32_t r = 0; r < count; r++) {
    const drift_event *event = runs[r].events, *end = event + runs[r].count;
    const int8_t *rows = runs[r].rows + offset;
    if (runs[r].magnitude > DRIFT_SHORT_SUM) {
      for (; event < end; event++) {
        const uint32_t magnitude = (uint32_t)(event->payload < 0 ? -event->payload : event->payload);
        if (used + magnitude > DRIFT_SHORT_SUM) flush_blocks(sum, blocks, membrane, block_stride), used = 0;
        used += magnitude;
        add_event(sum, blocks, event, rows, row_bytes);
      }
      continue;
    }
    if (used + runs[r].magnitude > DRIFT_SHORT_SUM) flush_blocks(sum, blocks, membrane, block_stride), used = 0;
    used += runs[r].magnitude;
    for (; event < end; event++) add_event(sum, blocks, event, rows, row_bytes);
  }
  flush_blocks(sum, blocks, membrane, block_stride);
}

TARGET void drift_integrate_avx2(
    const drift_run *runs, uint32_t count, uint32_t blocks, size_t row_bytes, int32_t *membrane, size_t block_stride) {
  uint32_t b = 0;
  for (; b + 4 <= blocks; b += 4) integrate_blocks(runs, count, 4, 16 * (size_t)b, row_bytes, membrane + b * block_stride, block_stride);
  if (b + 2 <= blocks) {
    integrate_blocks(runs, count, 2, 16 * (size_t)b, row_bytes, membrane + b * block_stride, block_stride);
    b += 2;
  }
  if (b < blocks) integrate_blocks(runs, count, 1, 16 * (size_t)b, row_bytes, membrane + b * block_stride, block_stride);
}

/// Adds the events of a column: through the taps of the right column to the pixel left of it, and so on.
INLINE void add_column(
    const drift_event_row *row, uint32_t x, const int blocks, size_t offset, __m256i *left, __m256i *centre, __m256i *right) {
  for (int i = 0; i < 3; i++) {
    if (row->lists[i] == NULL) continue;
    const drift_event_list list = row->lists[i][x];
    const drift_event *event = row->events + list.first, *end = event + list.count;
    const int8_t *weights = row->weights + 3 * (size_t)i * row->tap_bytes + offset;
    for (; event < end; event++) {
      add_event(right, blocks, event, weights, row->row_bytes);
      add_event(centre, blocks, event, weights + row->tap_bytes, row->row_bytes);
      add_event(left, blocks, event, weights + 2 * row->tap_bytes, row->row_bytes);
    }
  }
}

/// Sums move on by one pixel with each column: that is less code than columns that take turns at them, and registers move for nothing.
INLINE void integrate_row_blocks(const drift_event_row *shared, const int blocks, uint32_t first) {
  const drift_event_row row = *shared;
  __m256i left[4], centre[4], right[4];
#pragma clang loop unroll(full)
  for (int b = 0; b < blocks; b++) left[b] = centre[b] = right[b] = _mm256_setzero_si256();
  int32_t *membrane = row.membranes + first * row.block_stride;
  const size_t offset = 16 * (size_t)first;
  for (uint32_t x = 0; x < row.width; x++) {
    add_column(&row, x, blocks, offset, left, centre, right);
    // What has gathered left of the first pixel belongs to none.
    if (x > 0) {
      flush_blocks(left, blocks, membrane, row.block_stride);
      membrane += DRIFT_BLOCK_OUTPUTS;
    }
#pragma clang loop unroll(full)
    for (int b = 0; b < blocks; b++) {
      left[b] = centre[b];
      centre[b] = right[b];
      right[b] = _mm256_setzero_si256();
    }
  }
  flush_blocks(left, blocks, membrane, row.block_stride);
}

TARGET void drift_integrate_row_avx2(const drift_event_row *row) {
  uint32_t b = 0;
  for (; row->blocks - b >= 4; b += 4) integrate_row_blocks(row, 4, b);
  for (; row->blocks - b >= 2; b += 2) integrate_row_blocks(row, 2, b);
  if (b < row->blocks) integrate_row_blocks(row, 1, b);
}

#endif
