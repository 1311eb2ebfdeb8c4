// Normal noise, 16 values at a time: docs/arithmetic.md, "Noise".
#ifndef DRIFT_NOISE_H
#define DRIFT_NOISE_H

#include <stdint.h>

#pragma clang assume_nonnull begin

/// Values of Philox blocks `block` ... `block + 3` of a stream: 4 from each, in order. The scalar definition is NormalTransform.swift.
void drift_normal_16(uint64_t seed, uint32_t stream, uint32_t sample, uint32_t block, float *out);

#pragma clang assume_nonnull end

#endif
