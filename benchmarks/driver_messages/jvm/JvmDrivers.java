// What the JVM's drivers say of each fault. Needs the packages that README.md names; run under faults.py.
import com.mongodb.MongoClientOptions;
import com.mongodb.MongoClient;
import com.mongodb.ServerAddress;
import com.rabbitmq.client.ConnectionFactory;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.HttpGet;
import org.apache.http.impl.client.HttpClients;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.web.client.RestTemplate;

public class JvmDrivers {
    static final String LOCAL = "127.0.0.1";

    interface Provoke {
        void run() throws Exception;
    }

    public static void main(String[] arguments) {
        Map<String, Object[]> network = new LinkedHashMap<>();
        network.put("refused", new Object[] {LOCAL, port("CLOSED")});
        network.put("unknown_host", new Object[] {System.getenv("FAULT_UNKNOWN"), 7777});
        network.put("timeout", new Object[] {LOCAL, port("SILENT")});
        network.put("garbage", new Object[] {LOCAL, port("RUBBISH")});
        network.put("reset", new Object[] {LOCAL, port("RESET")});
        network.put("hangup", new Object[] {LOCAL, port("HANGUP")});
        network.forEach((fault, at) -> databases(fault, (String) at[0], (int) at[1]));
        network.forEach((fault, at) -> web(fault, (String) at[0], (int) at[1], "http", ""));
        web("tls", LOCAL, port("TLS"), "https", "");
        web("tls", LOCAL, port("RUBBISH"), "https", "");
        web("midway", LOCAL, port("MIDWAY"), "http", "");
        for (String status : new String[] {"401", "429", "500", "502", "503", "504"}) {
            tell("spring-web", status, LOCAL, port("HTTP"),
                () -> spring().getForObject("http://" + LOCAL + ":" + port("HTTP") + "/" + status, String.class));
        }
        for (String refusal : new String[] {"too_many", "starting", "stopping", "password", "no_database"}) {
            tell("postgresql", refusal, LOCAL, port("POSTGRES"),
                () -> postgres(LOCAL, port("POSTGRES"), refusal));
        }
        tell("mariadb", "too_many", LOCAL, port("MYSQL"),
            () -> DriverManager.getConnection("jdbc:mariadb://" + LOCAL + ":" + port("MYSQL") + "/orders", "app", "x"));
        System.exit(0);
    }

    static void databases(String fault, String host, int port) {
        tell("postgresql", fault, host, port, () -> postgres(host, port, "orders"));
        tell("mariadb", fault, host, port, () -> DriverManager.getConnection(
            "jdbc:mariadb://" + host + ":" + port + "/orders?connectTimeout=800&socketTimeout=800", "app", "x"));
        tell("hikaricp", fault, host, port, () -> {
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl("jdbc:postgresql://" + host + ":" + port + "/orders?sslmode=disable&socketTimeout=1");
            config.setInitializationFailTimeout(-1);
            config.setConnectionTimeout(900);
            try (HikariDataSource source = new HikariDataSource(config)) {
                source.getConnection();
            }
        });
        tell("mongodb", fault, host, port, () -> {
            MongoClientOptions options = MongoClientOptions.builder().serverSelectionTimeout(800)
                .connectTimeout(500).socketTimeout(500).build();
            try (MongoClient client = new MongoClient(new ServerAddress(host, port), options)) {
                client.getDatabase("orders").getCollection("items").find().first();
            }
        });
        tell("rabbitmq", fault, host, port, () -> {
            ConnectionFactory factory = new ConnectionFactory();
            factory.setHost(host);
            factory.setPort(port);
            factory.setConnectionTimeout(800);
            factory.setHandshakeTimeout(800);
            factory.newConnection();
        });
    }

    static void postgres(String host, int port, String database) throws Exception {
        DriverManager.getConnection("jdbc:postgresql://" + host + ":" + port + "/" + database
            + "?sslmode=disable&connectTimeout=1&socketTimeout=1&loginTimeout=2", "app", "x");
    }

    static RestTemplate spring() {
        SimpleClientHttpRequestFactory requests = new SimpleClientHttpRequestFactory();
        requests.setConnectTimeout(800);
        requests.setReadTimeout(800);
        return new RestTemplate(requests);
    }

    static void web(String fault, String host, int port, String scheme, String path) {
        String url = scheme + "://" + host + ":" + port + "/" + path;
        tell("spring-web", fault, host, port, () -> spring().getForObject(url, String.class));
        tell("java.net.http", fault, host, port, () -> HttpClient.newBuilder().connectTimeout(Duration.ofMillis(800))
            .build().send(HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofMillis(800)).build(),
                HttpResponse.BodyHandlers.ofString()));
        RequestConfig limits = RequestConfig.custom().setConnectTimeout(800).setSocketTimeout(800).build();
        tell("httpclient", fault, host, port, () -> HttpClients.custom().setDefaultRequestConfig(limits)
            .disableAutomaticRetries().build().execute(new HttpGet(url)).getEntity().getContent().readAllBytes());
        tell("okhttp", fault, host, port, () -> new OkHttpClient.Builder().readTimeout(800, TimeUnit.MILLISECONDS)
            .build().newCall(new Request.Builder().url(url).build()).execute().body().string());
    }

    static int port(String name) {
        return Integer.parseInt(System.getenv("FAULT_" + name));
    }

    static void tell(String driver, String fault, String host, int port, Provoke provoke) {
        try {
            provoke.run();
            System.err.println(driver + ", " + fault + ": nothing failed");
        } catch (Throwable error) {
            String version = System.getenv().getOrDefault("VERSION_" + driver.replace("-", "_"), System.getProperty("java.version"));
            System.out.println("{\"language\":\"jvm\",\"driver\":" + quoted(driver) + ",\"version\":" + quoted(version)
                + ",\"fault\":" + quoted(fault) + ",\"host\":" + quoted(host) + ",\"port\":" + port
                + ",\"chain\":[" + String.join(",", chain(error)) + "]}");
        }
    }

    /** As Sentry's SDK reports it: the cause first. */
    static List<String> chain(Throwable error) {
        List<String> links = new ArrayList<>();
        for (Throwable at = error; at != null && links.size() < 8; at = at.getCause()) {
            String module = at.getClass().getPackageName();
            links.add(0, "{\"type\":" + quoted(at.getClass().getSimpleName()) + ",\"module\":" + quoted(module)
                + ",\"value\":" + quoted(String.valueOf(at.getMessage() == null ? "" : at.getMessage())) + "}");
        }
        return links;
    }

    static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            json.append(c < ' ' || c > '~' || c == '"' || c == '\\' ? String.format("\\u%04x", (int) c) : c);
        }
        return json.append('"').toString();
    }
}
