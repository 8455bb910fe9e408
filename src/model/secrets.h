// The one place that decides which values of an adapter readers may see.
#pragma once

#include "model/adapter.h"

namespace gw::model {

// Stands for a value that is not shown.
inline constexpr const char* redacted = "***";

// `spec` as readers may see it. Header values are shown only when they are mere references. Environment variables are
// shown as they are, which the established API promises; secrets belong in references.
AdapterSpec shown_to_readers(AdapterSpec spec);

// Puts the stored values back where `incoming` repeats a redacted one; header names are compared without regard to
// case. Not when the URL leads to another origin: whoever may not read a secret must not have it sent elsewhere.
void keep_redacted(AdapterSpec& incoming, const AdapterSpec& stored);

}  // namespace gw::model
