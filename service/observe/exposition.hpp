// Metrics as text: what GET /metrics answers.
#pragma once

#include <prometheus/collectable.h>

#include <span>
#include <string>
#include <string_view>

namespace tocsin::observe {

enum class exposition { prometheus_text, openmetrics };

// What an Accept header asks for (RFC 9110 12.5.1): OpenMetrics where it is asked for by name and not liked less than text/plain,
// the Prometheus text format otherwise.
[[nodiscard]] exposition exposition_for(std::string_view accept) noexcept;

[[nodiscard]] std::string_view content_type(exposition) noexcept;

// Everything that the sources collect, in one exposition. Series of one family may come from several sources.
[[nodiscard]] std::string render(std::span<const prometheus::Collectable* const> sources, exposition);

} // namespace tocsin::observe
