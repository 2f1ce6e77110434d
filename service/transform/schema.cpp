#include "transform/schema.hpp"

#include "transform/schema/compiler.hpp"
#include "transform/schema/evaluator.hpp"
#include "transform/schema/library.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace tocsin::schema {

std::string to_string(const schema_error& e) {
  return fmt::format("{}{}{}{}{}", e.file, e.file.empty() ? "" : ": ", e.pointer, e.pointer.empty() ? "" : ": ", e.message);
}

std::string to_string(const violation& v) {
  return fmt::format("{}: {} ({})", v.instance.empty() ? std::string_view("the event") : std::string_view(v.instance), v.message,
                     v.pointer.empty() ? std::string_view("/") : std::string_view(v.pointer));
}

void throw_exception_from_error(const schema_error& e, const boost::source_location&) { throw std::runtime_error(to_string(e)); }

schema::schema(std::shared_ptr<const detail::program> program) noexcept : program_(std::move(program)) {}

std::optional<violation> schema::check(const boost::json::value& instance) const {
  std::optional<violation> first;
  detail::evaluator run(*program_, [&first](violation v) {
    first = std::move(v);
    return false;
  });
  const bool valid = run.run(instance);
  BOOST_ASSERT(valid == !first);
  return first;
}

void schema::check_all(const boost::json::value& instance, const std::function<void(violation)>& report) const {
  detail::evaluator run(*program_, [&report](violation v) {
    report(std::move(v));
    return true;
  });
  (void)run.run(instance);
}

namespace {
boost::system::result<schema, schema_error> compiled(const std::function<boost::json::value()>& document,
                                                     const schema_options& options) {
  try {
    detail::library documents(document(), options);
    return schema(detail::compile_program(documents, options));
  } catch (detail::compile_failure& f) {
    return std::move(f.error);
  }
}
} // namespace

boost::system::result<schema, schema_error> compile(const boost::json::value& document, const schema_options& options) {
  return compiled([&] { return document; }, options);
}

boost::system::result<schema, schema_error> compile_file(const schema_options& options) {
  return compiled([&] { return detail::read_document(options.file); }, options);
}

std::vector<schema_error> faults_of_file(const schema_options& options) {
  std::vector<schema_error> found;
  try {
    detail::library documents(detail::read_document(options.file), options);
    static_cast<void>(detail::compile_program(documents, options, &found));
  } catch (detail::compile_failure& f) {
    if (found.empty()) found.push_back(std::move(f.error)); // else there are as many as are wanted
  }
  return found;
}

} // namespace tocsin::schema
