#include "allocation_probe.h"

#include <errno.h>
#include <stddef.h>

// The allocator's own entry points in glibc.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

// Local-exec storage: reaching it never allocates.
static __thread uint64_t calls __attribute__((tls_model("initial-exec")));
static __thread int counting __attribute__((tls_model("initial-exec")));

void allocation_probe_begin(void) {
  calls = 0;
  counting = 1;
}

uint64_t allocation_probe_end(void) {
  counting = 0;
  return calls;
}

static void note(void) { calls += (uint64_t)counting; }

void *malloc(size_t size) {
  note();
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  note();
  return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
  note();
  return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
  note();
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  note();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  note();
  *memory = __libc_memalign(alignment, size);
  return *memory == NULL ? ENOMEM : 0;
}

void free(void *memory) {
  note();
  __libc_free(memory);
}
