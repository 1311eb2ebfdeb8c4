// Generates one sample with libspindrift and writes its values as they are: float32, NCHW, the machine's byte order.
//
//   generate MODEL.drift OUT.f32 [SEED [CLASS [GUIDANCE [THREADS]]]]
//
// Built against what tools/cross-build leaves in out/TARGET:
//   gcc generate.c -I out/x86_64 out/x86_64/libspindrift.a -o generate
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "spindrift.h"

// Progress goes to standard error; a product would also look here whether somebody pressed a button, and return 1 then.
static int32_t show_progress(void *user, uint32_t done, uint32_t of) {
  (void)user;
  fprintf(stderr, "\rstep %" PRIu32 " of %" PRIu32 "%s", done, of, done == of ? "\n" : "");
  return 0;
}

static int fail(const char *what, const spindrift_error *error) {
  fprintf(stderr, "%s: %s (code %" PRId32 ", byte %" PRIu64 ", expected %" PRIu64 ", found %" PRIu64 ")\n", what,
          spindrift_error_text(error->code), error->code, error->offset, error->expected, error->found);
  return 1;
}

int main(int count, char **arguments) {
  if (count < 3) {
    fprintf(stderr, "usage: %s MODEL.drift OUT.f32 [SEED [CLASS [GUIDANCE [THREADS]]]]\n", arguments[0]);
    return 64;
  }

  // The handle starts as zero bytes. Opening verifies the whole file; after that nothing about the model can go wrong.
  spindrift_model model = {0};
  spindrift_error error;
  if (spindrift_open_path(&model, arguments[1], &error) != SPINDRIFT_OK) return fail(arguments[1], &error);

  spindrift_info info = {.struct_size = sizeof info};
  spindrift_query(&model, &info);

  spindrift_request request = spindrift_request_default();
  if (count > 3) request.seed = strtoull(arguments[3], NULL, 10);
  if (count > 4) request.class_label = (int32_t)strtol(arguments[4], NULL, 10);
  if (count > 5) request.guidance = strtof(arguments[5], NULL);
  if (count > 6) request.threads = (uint32_t)strtoul(arguments[6], NULL, 10);
  request.progress = show_progress;

  // All memory is ours: the arena, which generating needs, and the sample. A board would set both aside once, at start.
  uint64_t arena_bytes;
  int32_t status = spindrift_arena_bytes(&model, request.threads, &arena_bytes);
  if (status != SPINDRIFT_OK) {
    fprintf(stderr, "threads: %s\n", spindrift_error_text(status));
    return 1;
  }
  void *arena = aligned_alloc(64, arena_bytes);
  float *sample = malloc(info.sample_values * sizeof *sample);
  if (arena == NULL || sample == NULL) return 1;

  status = spindrift_generate(&model, arena, arena_bytes, &request, sample, info.sample_values, &error);
  if (status != SPINDRIFT_OK) return fail("generate", &error);

  FILE *file = fopen(arguments[2], "wb");
  if (file == NULL || fwrite(sample, sizeof *sample, info.sample_values, file) != info.sample_values || fclose(file) != 0) {
    perror(arguments[2]);
    return 1;
  }
  free(sample);
  free(arena);
  spindrift_close(&model);
  return 0;
}
