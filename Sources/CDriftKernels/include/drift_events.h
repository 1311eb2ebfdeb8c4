// How events find the membranes that they reach.
#ifndef DRIFT_EVENTS_H
#define DRIFT_EVENTS_H

#include "drift_kernels.h"

#pragma clang assume_nonnull begin

/// How a convolution's taps lie between the pixels that send and the membranes that receive.
typedef struct drift_synapses {
  const drift_event_list *lists;  // one for each pixel of the tracer
  const drift_event *events;
  const int8_t *rows;          // of the first tap and the first output
  size_t tap_bytes, row_bytes; // from tap to tap, from channel to channel
  uint32_t kernel_height, kernel_width, stride;
  int32_t pad_top, pad_left;
  uint32_t shift;              // 1: the tracer is read as if it were twice as large
  uint32_t height, width;      // of the tracer, as large as it is read
  uint32_t output_height, output_width;
  int32_t *membranes;          // of the first pixel and the first block of outputs
  size_t block_stride;         // from block to block, in membranes
  uint32_t blocks;             // of 16 outputs
  drift_run *runs;             // room for one for each tap
} drift_synapses;

/// Offsets for `settle`: 16 zeros.
const int32_t *drift_zero_offsets(void);

/// What a tracer's lists hold together.
typedef struct drift_event_totals {
  uint64_t events;     // in lists
  uint32_t senders;    // pixels with events
  uint32_t unlisted;   // 1: a list is missing
} drift_event_totals;

drift_event_totals drift_count_events(const drift_event_list *lists, uint32_t pixels);

/// Output-stationary: brings the events under each membrane's taps to output pixels `first` ..< first + count.
void drift_gather_events(const drift_synapses *synapses, const drift_kernel_set *set, uint32_t first, uint32_t count);

/// Event-stationary: brings each pixel's events to the membranes under its taps, those of output pixels `first` ..< first + count alone.
void drift_scatter_events(const drift_synapses *synapses, const drift_kernel_set *set, uint32_t first, uint32_t count);

/// Additions that listed events cause: for each event, the taps through which it reaches an output pixel, times the outputs.
uint64_t drift_synaptic_operations(const drift_synapses *synapses, uint32_t outputs);

#pragma clang assume_nonnull end

#endif
