# What Ruby's drivers say of each fault. Needs the packages that README.md names; run under faults.py.
require "json"
require "socket"
require "net/http"
require "openssl"
require "pg"
require "redis"
require "mysql2"
require "bunny"
require "mongo"
require "active_record"
require "faraday"
require "httparty"
require "rest-client"

Mongo::Logger.logger.level = Logger::FATAL
LOCAL = "127.0.0.1"
port = ->(name) { Integer(ENV.fetch("FAULT_#{name}")) }
NETWORK = {
  "refused" => [LOCAL, port["CLOSED"]], "unknown_host" => [ENV.fetch("FAULT_UNKNOWN"), 7777],
  "timeout" => [LOCAL, port["SILENT"]], "garbage" => [LOCAL, port["RUBBISH"]],
  "reset" => [LOCAL, port["RESET"]], "hangup" => [LOCAL, port["HANGUP"]]
}.freeze

# As Sentry's SDK reports it: the cause first.
def chain(error)
  links = []
  while error && links.size < 8
    links.unshift({ type: error.class.name, module: nil, value: error.message.dup.force_encoding("UTF-8").scrub })
    error = error.cause
  end
  links
end

def tell(driver, fault, host, port)
  yield
  warn "#{driver}, #{fault}: nothing failed"
rescue StandardError => error
  version = Gem.loaded_specs[driver]&.version || RUBY_VERSION
  puts JSON.generate({ language: "ruby", driver: driver, version: version.to_s, fault: fault,
                       host: host, port: port, chain: chain(error) })
  $stdout.flush
end

def get(host, port, path = "/", tls: false)
  Net::HTTP.start(host, port, use_ssl: tls, open_timeout: 1, read_timeout: 1, max_retries: 0) do |http|
    http.get(path).value
  end
end

NETWORK.each do |fault, (host, port)|
  tell("pg", fault, host, port) { PG.connect(host: host, port: port, dbname: "orders", connect_timeout: 2, sslmode: "disable") }
  tell("mysql2", fault, host, port) { Mysql2::Client.new(host: host, port: port, connect_timeout: 1, read_timeout: 1) }
  tell("redis", fault, host, port) { Redis.new(host: host, port: port, timeout: 0.5, reconnect_attempts: 0).get("key") }
  tell("bunny", fault, host, port) do
    Bunny.new(host: host, port: port, connection_timeout: 1, recover_from_connection_close: false,
              continuation_timeout: 1000, log_level: Logger::FATAL + 1, logger: Logger.new(File::NULL)).start
  end
  tell("mongo", fault, host, port) do
    Mongo::Client.new(["#{host}:#{port}"], server_selection_timeout: 1, connect_timeout: 0.5, socket_timeout: 0.5,
                                           database: "orders")[:items].find.first
  end
  tell("activerecord", fault, host, port) do
    ActiveRecord::Base.establish_connection(adapter: "postgresql", host: host, port: port, database: "orders",
                                            connect_timeout: 2, sslmode: "disable")
    ActiveRecord::Base.connection
  end
  tell("net-http", fault, host, port) { get(host, port) }
  tell("faraday", fault, host, port) do
    Faraday.new("http://#{host}:#{port}", request: { timeout: 1 }).get("/")
  end
  tell("httparty", fault, host, port) { HTTParty.get("http://#{host}:#{port}/", timeout: 1) }
  tell("rest-client", fault, host, port) do
    RestClient::Request.execute(method: :get, url: "http://#{host}:#{port}/", timeout: 1)
  end
end

http, tls = port["HTTP"], port["TLS"]
[401, 429, 500, 502, 503, 504].each do |status|
  tell("net-http", status.to_s, LOCAL, http) { get(LOCAL, http, "/#{status}") }
  tell("rest-client", status.to_s, LOCAL, http) { RestClient.get("http://#{LOCAL}:#{http}/#{status}") }
  tell("faraday", status.to_s, LOCAL, http) do
    Faraday.new("http://#{LOCAL}:#{http}") { |client| client.response :raise_error }.get("/#{status}")
  end
end
tell("net-http", "html", LOCAL, http) { JSON.parse(Net::HTTP.get(URI("http://#{LOCAL}:#{http}/html"))) }
tell("net-http", "tls", LOCAL, tls) { get(LOCAL, tls, tls: true) }
tell("faraday", "tls", LOCAL, tls) { Faraday.get("https://#{LOCAL}:#{tls}/") }
(0..7).each do |number|
  tell("redis", "redis_#{number}", LOCAL, port["REDIS"]) { Redis.new(host: LOCAL, port: port["REDIS"]).get(number.to_s) }
end
%w[too_many starting stopping password no_database].each do |refusal|
  tell("pg", refusal, LOCAL, port["POSTGRES"]) do
    PG.connect(host: LOCAL, port: port["POSTGRES"], dbname: refusal, user: "app", sslmode: "disable")
  end
end
tell("mysql2", "too_many", LOCAL, port["MYSQL"]) { Mysql2::Client.new(host: LOCAL, port: port["MYSQL"]) }
tell("activerecord", "pool_exhausted", "", 0) do
  pool = ActiveRecord::Base.establish_connection(adapter: "postgresql", host: LOCAL, pool: 0, checkout_timeout: 0.2)
  pool.checkout
end
