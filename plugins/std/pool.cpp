#include "pool.hpp"

namespace standard {
namespace {

using actord::Context, actord::Failure, actord::Json, actord::Message;

actord::PoolOptions options_of(const actord::Setup& setup) {
  const auto settings = actord::settings_of<PoolSettings>(setup);
  actord::PoolOptions options;
  options.kind = settings.worker;
  options.settings = settings.settings.dump();
  options.size = settings.size;
  options.queue = settings.queue;
  options.drop_oldest = settings.overflow == "drop_oldest";
  options.by_key = settings.assign == "by_key";
  options.attempts = settings.attempts;
  options.job_timeout = settings.job_timeout;
  return options;
}

}  // namespace

Pool::Pool(const actord::Setup& setup) : pool_(options_of(setup)) {}

void Pool::resize(Context& context, const Message& message) {
  const Json body = Json::parse(message.payload(), nullptr, false);
  const auto size = body.is_object() ? body.value("size", Json()) : Json();
  if (!size.is_number_unsigned() || size.get<uint64_t>() < 1 ||
      size.get<uint64_t>() > actord::Pool::kSizeMax) {
    return context.reject("std.pool.Resize wants {\"size\": 1 to 1000}");
  }
  pool_.resize(context, size.get<uint32_t>());
  status(context, message);
}

void Pool::status(Context& context, const Message&) {
  const actord::Pool::Counts counts = pool_.counts();
  context.reply("std.pool.Status", Json{{"size", counts.size},
                                        {"busy", counts.busy},
                                        {"waiting", counts.waiting},
                                        {"done", counts.done},
                                        {"failed", counts.failed}}
                                       .dump());
}

}  // namespace standard
