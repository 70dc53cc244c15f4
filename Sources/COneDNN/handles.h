// The handles behind COneDNN.h, and the few macros that the two generations of oneDNN share.
#pragma once
#include <dnnl.h>

#include "COneDNN.h"

#define ODNN_GENERATION DNNL_VERSION_MAJOR

struct odnn_layout {
#if ODNN_GENERATION >= 3
  dnnl_memory_desc_t desc;
#else
  dnnl_memory_desc_t desc[1];  // an array of one decays to the pointer that every call takes
#endif
};

struct odnn_memory {
  dnnl_memory_t memory;
};

struct odnn_primitive {
  dnnl_primitive_desc_t desc;
  dnnl_primitive_t primitive;
  // BatchNorm's backward pass reads the shift in oneDNN 2; 3 refuses what it does not read.
  bool ignores_shift;
};

// The one engine and the one stream of the process.
dnnl_engine_t odnn_engine(void);
dnnl_stream_t odnn_stream(void);

// Wraps a primitive descriptor (consumed) into a primitive.
int odnn_finish(odnn_primitive **out, dnnl_status_t status, dnnl_primitive_desc_t desc);
