// Kernels of spiking programs that all x86-64 sets with AVX2 share.
#ifndef DRIFT_AVX2_EVENTS_H
#define DRIFT_AVX2_EVENTS_H

#include "include/drift_kernels.h"

void drift_send_avx2(drift_sender *sender);
void drift_integrate_avx2(
    const drift_run *runs, uint32_t count, uint32_t blocks, size_t row_bytes, int32_t *membrane, size_t block_stride);

void drift_integrate_row_avx2(const drift_event_row *row);

#endif
