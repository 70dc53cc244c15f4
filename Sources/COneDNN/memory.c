// Engine, layouts, memories and calls.
#include <stdlib.h>

#include "handles.h"

int odnn_version(void) {
  const dnnl_version_t *v = dnnl_version();
  return v->major * 10000 + v->minor * 100 + v->patch;
}

int odnn_block(void) {
  // The sets of instructions are bit masks: each holds those it builds on.
  return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core ? 16 : 8;
}

dnnl_engine_t odnn_engine(void) {
  static dnnl_engine_t engine;
  if (!engine) dnnl_engine_create(&engine, dnnl_cpu, 0);
  return engine;
}

dnnl_stream_t odnn_stream(void) {
  static dnnl_stream_t stream;
  if (!stream) dnnl_stream_create(&stream, odnn_engine(), dnnl_stream_default_flags);
  return stream;
}

static int layout_status(odnn_layout **out, odnn_layout *layout, dnnl_status_t status) {
  if (status != dnnl_success) {
    free(layout);
    layout = NULL;
  }
  *out = layout;
  return status;
}

static dnnl_format_tag_t tag(int rank, odnn_format format) {
  if (format == ODNN_ANY) return dnnl_format_tag_any;
  if (format == ODNN_CHANNELS_LAST && rank == 4) return dnnl_nhwc;
  if (format == ODNN_BLOCKED && rank == 4) return odnn_block() == 16 ? dnnl_nChw16c : dnnl_nChw8c;
  switch (rank) {
    case 1: return dnnl_a;
    case 2: return dnnl_ab;
    case 3: return dnnl_abc;
    default: return dnnl_abcd;
  }
}

int odnn_layout_create(odnn_layout **out, int rank, const int64_t *dims, odnn_format format) {
  odnn_layout *layout = calloc(1, sizeof *layout);
#if ODNN_GENERATION >= 3
  dnnl_status_t s = dnnl_memory_desc_create_with_tag(&layout->desc, rank, dims, dnnl_f32, tag(rank, format));
#else
  dnnl_status_t s = dnnl_memory_desc_init_by_tag(layout->desc, rank, dims, dnnl_f32, tag(rank, format));
#endif
  return layout_status(out, layout, s);
}

int odnn_layout_create_strided(odnn_layout **out, int rank, const int64_t *dims, const int64_t *strides) {
  odnn_layout *layout = calloc(1, sizeof *layout);
#if ODNN_GENERATION >= 3
  dnnl_status_t s = dnnl_memory_desc_create_with_strides(&layout->desc, rank, dims, dnnl_f32, strides);
#else
  dnnl_status_t s = dnnl_memory_desc_init_by_strides(layout->desc, rank, dims, dnnl_f32, strides);
#endif
  return layout_status(out, layout, s);
}

int odnn_layout_create_part(odnn_layout **out, const odnn_layout *whole, const int64_t *dims, const int64_t *offsets) {
  odnn_layout *layout = calloc(1, sizeof *layout);
#if ODNN_GENERATION >= 3
  dnnl_status_t s = dnnl_memory_desc_create_submemory(&layout->desc, whole->desc, dims, offsets);
#else
  dnnl_status_t s = dnnl_memory_desc_init_submemory(layout->desc, whole->desc, dims, offsets);
#endif
  return layout_status(out, layout, s);
}

int odnn_layout_create_exchanged(odnn_layout **out, const odnn_layout *original, int rank) {
  odnn_layout *layout = calloc(1, sizeof *layout);
  int order[DNNL_MAX_NDIMS] = {1, 0};
  for (int i = 2; i < rank; i++) order[i] = i;
#if ODNN_GENERATION >= 3
  dnnl_status_t s = dnnl_memory_desc_permute_axes(&layout->desc, original->desc, order);
#else
  dnnl_status_t s = dnnl_memory_desc_permute_axes(layout->desc, original->desc, order);
#endif
  return layout_status(out, layout, s);
}

size_t odnn_layout_size(const odnn_layout *layout) { return dnnl_memory_desc_get_size(layout->desc); }

bool odnn_layout_equal(const odnn_layout *a, const odnn_layout *b) {
  return dnnl_memory_desc_equal(a->desc, b->desc);
}

void odnn_layout_destroy(odnn_layout *layout) {
#if ODNN_GENERATION >= 3
  if (layout) dnnl_memory_desc_destroy(layout->desc);
#endif
  free(layout);
}

int odnn_memory_create(odnn_memory **out, const odnn_layout *layout, void *address) {
  *out = NULL;
  odnn_memory *memory = calloc(1, sizeof *memory);
  dnnl_status_t s = dnnl_memory_create(&memory->memory, layout->desc, odnn_engine(), address);
  if (s == dnnl_success) *out = memory; else free(memory);
  return s;
}

int odnn_memory_bind(odnn_memory *memory, void *address) {
  return dnnl_memory_set_data_handle(memory->memory, address);
}

void odnn_memory_destroy(odnn_memory *memory) {
  if (memory) dnnl_memory_destroy(memory->memory);
  free(memory);
}

static int argument_number(odnn_argument argument) {
  switch (argument) {
    case ODNN_SRC: return DNNL_ARG_SRC;
    case ODNN_SRC_1: return DNNL_ARG_SRC_1;
    case ODNN_WEIGHTS: return DNNL_ARG_WEIGHTS;
    case ODNN_BIAS: return DNNL_ARG_BIAS;
    case ODNN_DST: return DNNL_ARG_DST;
    case ODNN_MEAN: return DNNL_ARG_MEAN;
    case ODNN_VARIANCE: return DNNL_ARG_VARIANCE;
    case ODNN_SCALE: return DNNL_ARG_SCALE;
    case ODNN_SHIFT: return DNNL_ARG_SHIFT;
    case ODNN_WORKSPACE: return DNNL_ARG_WORKSPACE;
    case ODNN_DIFF_SRC: return DNNL_ARG_DIFF_SRC;
    case ODNN_DIFF_WEIGHTS: return DNNL_ARG_DIFF_WEIGHTS;
    case ODNN_DIFF_BIAS: return DNNL_ARG_DIFF_BIAS;
    case ODNN_DIFF_DST: return DNNL_ARG_DIFF_DST;
    case ODNN_DIFF_SCALE: return DNNL_ARG_DIFF_SCALE;
    case ODNN_DIFF_SHIFT: return DNNL_ARG_DIFF_SHIFT;
    case ODNN_ADDEND: return DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1;
  }
  return 0;
}

struct odnn_call {
  dnnl_primitive_t primitive;
  int count;
  dnnl_exec_arg_t arguments[];
};

int odnn_call_create(odnn_call **out, odnn_primitive *primitive, int count, const odnn_argument *arguments,
                     odnn_memory *const *memories) {
  odnn_call *call = calloc(1, sizeof *call + (size_t)count * sizeof(dnnl_exec_arg_t));
  *out = call;
  if (!call) return dnnl_out_of_memory;
  call->primitive = primitive->primitive;
  for (int i = 0; i < count; i++) {
    if (arguments[i] == ODNN_SHIFT && primitive->ignores_shift) continue;
    call->arguments[call->count].arg = argument_number(arguments[i]);
    call->arguments[call->count].memory = memories[i]->memory;
    call->count++;
  }
  return dnnl_success;
}

int odnn_call_run(const odnn_call *call) {
  return dnnl_primitive_execute(call->primitive, odnn_stream(), call->count, call->arguments);
}

void odnn_call_destroy(odnn_call *call) { free(call); }

odnn_layout *odnn_primitive_layout(const odnn_primitive *primitive, odnn_argument argument) {
  const dnnl_query_t query = dnnl_query_exec_arg_md;
#if ODNN_GENERATION >= 3
  const_dnnl_memory_desc_t md = dnnl_primitive_desc_query_md(primitive->desc, query, argument_number(argument));
#else
  const dnnl_memory_desc_t *md = dnnl_primitive_desc_query_md(primitive->desc, query, argument_number(argument));
#endif
  if (!md || dnnl_memory_desc_get_size(md) == 0) return NULL;
  odnn_layout *layout = calloc(1, sizeof *layout);
#if ODNN_GENERATION >= 3
  if (dnnl_memory_desc_clone(&layout->desc, md) != dnnl_success) {
    free(layout);
    return NULL;
  }
#else
  layout->desc[0] = *md;
#endif
  return layout;
}

int64_t odnn_primitive_scratchpad(const odnn_primitive *primitive) {
  int64_t bytes = 0;
  dnnl_primitive_desc_query(primitive->desc, dnnl_query_memory_consumption_s64, 0, &bytes);
  return bytes;
}

const char *odnn_primitive_implementation(const odnn_primitive *primitive) {
  const char *name = "";
  dnnl_primitive_desc_query(primitive->desc, dnnl_query_impl_info_str, 0, (void *)&name);
  return name;
}
