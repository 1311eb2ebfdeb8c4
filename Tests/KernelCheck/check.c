#define _GNU_SOURCE
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

guarded guarded_make(size_t capacity) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const size_t size = (capacity + page - 1) / page * page;
  uint8_t *base = mmap(NULL, size + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(base, page, PROT_NONE);
  mprotect(base + page + size, page, PROT_NONE);
  return (guarded){base + page, size};
}

void guarded_release(guarded *memory) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  munmap(memory->start - page, memory->capacity + 2 * page);
}

void *guarded_tail(const guarded *memory, size_t bytes) { return memory->start + memory->capacity - bytes; }

uint32_t next_random(check *c) {
  c->random = c->random * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(c->random >> 32);
}

int32_t random_between(check *c, int32_t low, int32_t high) {
  const uint64_t span = (uint64_t)((int64_t)high - low + 1);
  return (int32_t)(low + (int64_t)((next_random(c) * span) >> 32));
}

void fill_int8(check *c, int8_t *values, size_t count, int32_t low, int32_t high) {
  for (size_t i = 0; i < count; i++) values[i] = (int8_t)random_between(c, low, high);
}

void fill_int16(check *c, int16_t *values, size_t count, int32_t low, int32_t high) {
  for (size_t i = 0; i < count; i++) values[i] = (int16_t)random_between(c, low, high);
}

void remove_bias(const drift_kernel_set *set, int8_t *values, size_t count) {
  for (size_t i = 0; i < count; i++) values[i] = (int8_t)(uint8_t)((values[i] - set->operand_bias) & 255);
}

static uint32_t crc(uint32_t state, const uint8_t *bytes, size_t count) {
  static uint32_t table[256];
  if (table[1] == 0) {
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; bit++) value = (value >> 1) ^ (value & 1 ? 0xEDB88320u : 0);
      table[i] = value;
    }
  }
  for (size_t i = 0; i < count; i++) state = table[(state ^ bytes[i]) & 255] ^ (state >> 8);
  return state;
}

void compare(check *c, const void *expected, const void *found, size_t bytes, const char *format, ...) {
  kernel_check_result *result = c->result;
  result->cases++;
  result->checksum = crc(result->checksum, expected, bytes);
  if (memcmp(expected, found, bytes) == 0 || result->failures++ > 0) return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(result->first_failure, sizeof result->first_failure, format, arguments);
  va_end(arguments);
}

void kernel_check(const drift_kernel_set *set, kernel_check_result *result) {
  enum { CAPACITY = 1 << 22 };
  *result = (kernel_check_result){.checksum = 0xFFFFFFFFu};
  check c = {.reference = drift_kernels_scalar(), .tested = set, .result = result, .random = 20260101};
  for (int i = 0; i < 9; i++) c.inputs[i] = guarded_make(CAPACITY);
  for (int i = 0; i < 2; i++) c.expected[i] = guarded_make(CAPACITY), c.found[i] = guarded_make(CAPACITY);
  check_products(&c);
  check_tiles(&c);
  check_attention(&c);
  check_elementwise(&c);
  check_statistics(&c);
  check_depthwise(&c);
  check_events(&c);
  for (int i = 0; i < 9; i++) guarded_release(&c.inputs[i]);
  for (int i = 0; i < 2; i++) guarded_release(&c.expected[i]), guarded_release(&c.found[i]);
  result->checksum = ~result->checksum;
}
