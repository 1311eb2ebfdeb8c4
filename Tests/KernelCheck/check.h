// Shared by the checks: memory that faults on over-reads, random values, comparison.
#ifndef CHECK_H
#define CHECK_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "include/kernel_check.h"

/// Memory between two inaccessible pages.
typedef struct guarded {
  uint8_t *start;
  size_t capacity;
} guarded;

guarded guarded_make(size_t capacity);
void guarded_release(guarded *memory);

/// `bytes` bytes that end where the inaccessible page begins. Aligned to 64 if bytes is a multiple of 64.
void *guarded_tail(const guarded *memory, size_t bytes);

/// The pieces of memory of a check: inputs, outputs of the reference, outputs under test.
typedef struct check {
  const drift_kernel_set *reference, *tested;
  kernel_check_result *result;
  guarded inputs[9], expected[2], found[2];
  uint64_t random;
} check;

uint32_t next_random(check *c);
/// Uniform in low ... high.
int32_t random_between(check *c, int32_t low, int32_t high);
void fill_int8(check *c, int8_t *values, size_t count, int32_t low, int32_t high);
void fill_int16(check *c, int16_t *values, size_t count, int32_t low, int32_t high);

/// Takes the operand bias of a set out of int8 values that it stored.
void remove_bias(const drift_kernel_set *set, int8_t *values, size_t count);

/// Compares the outputs of reference and test, adds the former to the checksum, and notes the first difference.
void compare(check *c, const void *expected, const void *found, size_t bytes, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

void check_products(check *c);
void check_tiles(check *c);
void check_attention(check *c);
void check_elementwise(check *c);
void check_statistics(check *c);
void check_depthwise(check *c);
void check_events(check *c);

#endif
