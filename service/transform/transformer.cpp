#include "transform/transformer.hpp"

#include "transform/json_e/writer.hpp"
#include "transform/kafka_context.hpp"
#include "transform/pipeline.hpp"

#include <fmt/format.h>

#include <array>

namespace tocsin::transform {

namespace json = boost::json;

namespace {

std::chrono::sys_time<std::chrono::milliseconds> system_time() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

class pipeline_transformer final : public transformer {
public:
  pipeline_transformer(pipeline parts, const config::event_settings& settings, transformer_options options)
      : parts_(std::move(parts)),
        max_bytes_(settings.max_bytes),
        max_depth_(settings.max_depth),
        clock_(std::move(options.clock)),
        looks_inside_(parts_.looks_inside()),
        uses_kafka_(parts_.uses("kafka")),
        memory_(limits_of(settings)) {
    if (!clock_) clock_ = system_time;
    memory_.reader = json_e::json_reader(max_depth_); // of parseJson, too
  }

  void transform(const record_view& record, verdict& out) override { run(record, out, nullptr); }
  void transform(const record_view& record, verdict& out, const explain_hook& explain) override { run(record, out, &explain); }
  bool uses_headers() const noexcept override { return uses_kafka_; }

private:
  void run(const record_view& record, verdict& out, const explain_hook* explain) {
    clear(out);
    if (record.value && record.value->size() > max_bytes_) {
      return refuse(out, refusal::too_large,
                    fmt::format("the value has {} bytes, event.max_bytes is {}", record.value->size(), max_bytes_));
    }
    if (!looks_inside_) return deliver_as_it_is(record, out);
    if (!record.value) return refuse(out, refusal::not_json, "the value is null (a tombstone)");

    memory_.reset();
    const json::storage_ptr storage(&memory_.memory);
    const auto event = memory_.reader.read(*record.value, storage, max_depth_);
    if (!event) return refuse(out, refusal::not_json, fmt::format("at byte {}: {}", event.error().offset, event.error().message));
    if (parts_.schema) {
      if (const auto fault = parts_.schema->check(*event)) return refuse(out, refusal::schema, schema::to_string(*fault));
    }

    json::value kafka(storage);
    if (uses_kafka_) kafka = kafka_context(record, storage);
    const std::array<const json::value*, 3> reserved{&*event, &kafka, parts_.tables ? &*parts_.tables : nullptr};
    json_e::environment names;
    names.members = event->if_object();
    names.reserved = reserved;
    names.now = clock_();

    if (skipped(names, out)) return;
    order(record, names, out);
    if (parts_.mapping && !mapped(names, out, explain)) return;
    out.kind = verdict_kind::deliver;
  }

  static void clear(verdict& out) {
    out.kind = verdict_kind::refuse;
    out.mapped = false;
    out.body.clear();
    out.order_key.reset();
    out.rule = {};
    out.detail.clear();
    out.order_by_failed = false;
    out.skip_failures = 0;
    out.expression_detail.clear();
  }

  static void refuse(verdict& out, refusal reason, std::string detail) {
    out.kind = verdict_kind::refuse;
    out.order_key.reset();
    out.body.clear();
    out.mapped = false;
    out.reason = reason;
    out.detail = std::move(detail);
  }

  void deliver_as_it_is(const record_view& record, verdict& out) {
    json_e::environment none;
    order(record, none, out);
    out.kind = verdict_kind::deliver;
  }

  bool skipped(const json_e::environment& names, verdict& out) {
    for (const compiled_skip& rule : parts_.skip) {
      const auto met = rule.when.test(names, memory_);
      if (!met) {
        ++out.skip_failures;
        out.expression_detail = fmt::format("skip rule {}: {}", rule.as, met.error().to_string());
      } else if (*met) {
        out.kind = verdict_kind::skip;
        out.rule = rule.as;
        return true;
      }
    }
    return false;
  }

  void order(const record_view& record, const json_e::environment& names, verdict& out) {
    switch (parts_.order) {
    case ordering::by_nothing: return;
    case ordering::by_partition:
      out.order_text.clear();
      fmt::format_to(std::back_inserter(out.order_text), "{}-{}", record.topic, record.partition);
      out.order_key = out.order_text;
      return;
    case ordering::by_expression:
      if (evaluated_order(names, out)) return;
      break;
    case ordering::by_key: break;
    }
    out.order_key = record.key;
  }

  bool evaluated_order(const json_e::environment& names, verdict& out) {
    const auto key = parts_.order_by->evaluate(names, memory_);
    out.order_text.clear();
    if (key && key->is_string()) {
      out.order_text = key->as_string();
    } else {
      const auto written = key ? json_e::append_json(out.order_text, *key, memory_.bounds) : json_e::evaluated<void>(key.error());
      if (!written) {
        out.order_by_failed = true;
        out.expression_detail = fmt::format("order_by: {}", written.error().to_string());
        return false;
      }
    }
    out.order_key = out.order_text;
    return true;
  }

  bool mapped(const json_e::environment& names, verdict& out, const explain_hook* explain) {
    const auto rendered = explain ? explained(names, out, *explain) : parts_.mapping->render_to(names, memory_, out.body);
    if (!rendered) {
      refuse(out, refusal::mapping, rendered.error().to_string());
      return false;
    }
    if (parts_.outbound && !fits_outbound(out)) return false;
    out.mapped = true;
    return true;
  }

  json_e::evaluated<void> explained(const json_e::environment& names, verdict& out, const explain_hook& explain) {
    const auto hook = [&](std::string_view pointer, const json_e::value& v) {
      std::string text;
      if (!v.is_absent() && !json_e::append_json(text, v, memory_.bounds)) text = "(no JSON)";
      explain(pointer, text);
    };
    const auto made = parts_.mapping->render(names, memory_, hook, json::storage_ptr(&memory_.memory));
    if (!made) return made.error();
    return parts_.mapping->render_to(names, memory_, out.body);
  }

  // Checked is the text that would be sent, read back.
  bool fits_outbound(verdict& out) {
    const auto body = memory_.reader.read(out.body, json::storage_ptr(&memory_.memory), memory_.bounds.value_depth);
    if (!body) {
      refuse(out, refusal::outbound_schema, fmt::format("the body cannot be read back: {}", body.error().message));
      return false;
    }
    const auto fault = parts_.outbound->check(*body);
    if (!fault) return true;
    std::string detail = schema::to_string(*fault);
    if (fault->instance.empty()) detail.replace(0, std::string_view("the event").size(), "the body");
    refuse(out, refusal::outbound_schema, std::move(detail));
    return false;
  }

  pipeline parts_;
  std::uint64_t max_bytes_;
  std::uint32_t max_depth_;
  std::function<std::chrono::sys_time<std::chrono::milliseconds>()> clock_;
  bool looks_inside_, uses_kafka_;
  json_e::scratch memory_;
};

} // namespace

boost::system::result<std::unique_ptr<transformer>, problems> make_transformer(const config::event_settings& settings,
                                                                               const transformer_options& options) {
  auto parts = compile_pipeline(settings, options.folder);
  if (!parts) return std::move(parts).error();
  return std::unique_ptr<transformer>(std::make_unique<pipeline_transformer>(std::move(*parts), settings, options));
}

} // namespace tocsin::transform
