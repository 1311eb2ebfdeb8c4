#define _GNU_SOURCE
#include "drift_process.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

/// Fewer, larger pages where the system has them: advice, so a refusal changes nothing.
static void drift_advise_huge_pages(void *base, size_t length) {
#if defined(MADV_HUGEPAGE)
  enum { HUGE_PAGE = 2 << 20 };
  if (length >= 2 * HUGE_PAGE) madvise(base, length, MADV_HUGEPAGE);
#else
  (void)base, (void)length;
#endif
}

void *drift_map_memory(uint64_t length) {
  if (length == 0 || length > PTRDIFF_MAX) return NULL;
  void *base = mmap(NULL, (size_t)length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) return NULL;
  drift_advise_huge_pages(base, (size_t)length);
  return base;
}

void drift_unmap_memory(void *base, uint64_t length) {
  if (base != NULL) munmap(base, (size_t)length);
}

uint64_t drift_clock_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

const char *drift_environment(const char *name) { return getenv(name); }

uint64_t drift_peak_memory(void) {
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
#if defined(__APPLE__)
  return (uint64_t)usage.ru_maxrss;
#else
  return (uint64_t)usage.ru_maxrss * 1024;
#endif
}
